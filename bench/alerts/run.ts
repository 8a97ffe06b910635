import { setTimeout as sleep } from "node:timers/promises";
import type { Breakage } from "./breakage.ts";
import type { People, Told } from "./people.ts";

/** What was seen of an alert. */
export interface Seen {
  alert: string;
  labels: Record<string, string>;
  how: string;
  /** Seconds from the breakage to the notification; absent when none came. */
  told?: number;
  /** Seconds from the mending to the notification of its end. */
  resolved?: number;
  severity?: string;
  /** What a person reads. */
  words?: string;
}

interface Watch {
  breakage: Breakage;
  seen: Seen[];
  broken: number;
  mended?: number;
}

/** Breaks things together, and looks at who is told of what. */
export class Breaker {
  private readonly watches: Watch[] = [];
  readonly faults: string[] = [];

  constructor(
    private readonly people: People,
    private readonly say: (line: string) => void,
  ) {}

  get seen(): Seen[] {
    return this.watches.flatMap(({ seen }) => seen);
  }

  /**
   * All of them at the same time; each is mended once all of its alerts were told, or when the time is over.
   * @param seconds that the slowest may take
   */
  async wave(breakages: Breakage[], seconds: number): Promise<void> {
    const wave = await Promise.all(
      breakages.map(async (breakage) => {
        const seen = breakage.alerts.map(({ alert, labels = {} }) => ({
          alert,
          labels,
          how: breakage.how,
        }));
        const watch: Watch = { breakage, seen, broken: Date.now() };
        this.watches.push(watch);
        this.say(`broken: ${breakage.how}`);
        await this.attempt(breakage.how, breakage.break);
        return watch;
      }),
    );
    const end = Date.now() + seconds * 1000;
    while (wave.some(({ mended }) => mended === undefined)) {
      for (const watch of wave.filter(({ mended }) => mended === undefined)) {
        this.look(watch);
        if (watch.seen.some(({ told }) => told === undefined) && Date.now() < end) continue;
        await this.attempt(`mending ${watch.breakage.how}`, watch.breakage.mend);
        watch.mended = Date.now();
        this.say(`mended: ${watch.breakage.how}`);
      }
      await sleep(1000);
    }
  }

  /** Waits for the end of every alert that was told, of these breakages or of all. */
  async resolved(seconds: number, breakages?: Breakage[]): Promise<void> {
    const watches = this.watches.filter(({ breakage }) => breakages?.includes(breakage) ?? true);
    const open = (): Seen[] =>
      watches
        .flatMap(({ seen }) => seen)
        .filter((one) => one.told !== undefined && one.resolved === undefined);
    for (const end = Date.now() + seconds * 1000; open().length > 0 && Date.now() < end; await sleep(1000))
      for (const watch of watches) this.look(watch);
    for (const { alert, how } of open()) this.say(`not resolved: ${alert} (${how})`);
  }

  private look({ breakage, seen, broken, mended }: Watch): void {
    for (const one of seen) {
      const fits = ({ status, labels, at }: Told, wanted: Told["status"], after: number): boolean =>
        status === wanted &&
        at > after &&
        labels.alertname === one.alert &&
        Object.entries(one.labels).every(([name, value]) => labels[name] === value);
      const first = this.people.told.find((told) => fits(told, "firing", broken));
      if (first && one.told === undefined) {
        one.told = (first.at - broken) / 1000;
        one.severity = first.labels.severity;
        one.words = first.description;
        this.say(`told after ${Math.round(one.told)} s: ${one.alert} (${breakage.how})`);
      }
      const last = mended && this.people.told.find((told) => fits(told, "resolved", mended));
      if (last && one.resolved === undefined) {
        one.resolved = (last.at - mended) / 1000;
        this.say(`resolved after ${Math.round(one.resolved)} s: ${one.alert} (${breakage.how})`);
      }
    }
  }

  private async attempt(what: string, task: () => Promise<unknown>): Promise<void> {
    await task().catch((error: unknown) => {
      this.faults.push(`${what}: ${(error as Error).message}`);
      this.say(`✖ ${what}: ${(error as Error).message}`);
    });
  }
}
