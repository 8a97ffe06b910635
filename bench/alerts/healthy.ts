import { setTimeout as sleep } from "node:timers/promises";
import type { Row } from "../table.ts";
import type { Scene } from "./breakage.ts";
import type { SteadyLoad } from "./load.ts";

const MINUTES = 30;
const OWN = 'service=~"prometheus|alertmanager|.+-exporter"';

/** Half an hour in which all is well: who is told of what, and what monitoring costs; then audit and drift. */
export async function healthy(
  { stack, people }: Scene,
  load: SteadyLoad,
  say: (line: string) => void,
): Promise<Row[]> {
  const before = load.count;
  const failed = (): number => Object.values(load.failed).reduce((sum, one) => sum + one, 0);
  const failedBefore = failed();
  say(`${MINUTES} minutes in which all is well`);
  await sleep(MINUTES * 60_000);
  const told = people.told.map(({ labels }) => labels.alertname!);
  const lost = failed() - failedBefore;
  const [containers] = await figures(stack.ask(`sum(fairlead_container_memory_bytes{${OWN}}) / 1048576`));
  const [busy] = await figures(
    stack.ask(`100 * sum(rate(fairlead_container_cpu_seconds_total{${OWN}}[25m]))`),
  );
  const [series] = await figures(stack.ask("prometheus_tsdb_head_series"));
  const measured = await stack.script(
    `pid="$(systemctl show --property MainPID --value fairlead-measure)"; ps -o rss=,cputimes=,etimes= -p "$pid"`,
  );
  const [kilobytes, cpu, lived] = measured.trim().split(/ +/).map(Number);
  const drift = await stack.verb("drift");
  const audit = await stack.verb("audit");
  return [
    {
      measure: "alerts while all is well",
      figure: told.length,
      unit: "",
      note: `${MINUTES} minutes, ${load.count - before} requests, ${lost} of them failed; ${told.join(", ")}`,
    },
    {
      measure: "memory of monitoring's containers",
      figure: containers!,
      unit: "MB",
      goal: 250,
      note: `beside them fairlead-measure ${Math.round(kilobytes! / 1024)} MB; ${series} series`,
    },
    {
      measure: "processor time of monitoring's containers, percent of a core",
      figure: busy!,
      unit: "%",
      goal: 3,
      note: `fairlead-measure ${((100 * cpu!) / lived!).toFixed(1)}`,
    },
    { measure: "findings of npm run drift", figure: drift.exitCode!, unit: "", note: last(drift.stdout) },
    { measure: "findings of npm run audit", figure: audit.exitCode!, unit: "", note: last(audit.stdout) },
  ];
}

async function figures(lines: Promise<string[]>): Promise<number[]> {
  return (await lines).map((line) => Number(/=> ([\d.e+-]+)/.exec(line)![1]));
}

const last = (text: string): string => text.trim().split("\n").at(-1)!.trim();
