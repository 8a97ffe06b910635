import type { Stack } from "@pulumi/pulumi/automation";
import { readDeclaration, type Declaration } from "../drift/declaration.ts";
import type { ContainerInfo } from "../drift/container-info.ts";
import { dockerOnServer, look } from "../drift/look.ts";
import { exportState } from "../drift/state.ts";
import { UserError } from "./errors.ts";
import { stopIfInterrupted } from "./interrupt.ts";
import type { StackOutputs } from "./outputs.ts";
import { watch, type Probe } from "./probe.ts";

/** What was deployed isn't healthy: the reason, with what the application said last. */
export class Unhealthy extends UserError {
  constructor(
    message: string,
    remedy: string,
    /** The applications. */
    readonly apps: string[],
  ) {
    super(message, remedy);
  }
}

/** Names of the releases of a stack. */
export const releaseNames = (outputs: StackOutputs | undefined): string[] =>
  Object.values(outputs?.releases ?? {}).flatMap((all) => all.map(({ release }) => release));

/**
 * Asks every application for its health through the edge for a while, and looks whether a container of a new release
 * has stopped meanwhile: beside another replica, or between two restarts, nobody outside would see that.
 * @param seconds 0 asks once
 * @throws Unhealthy with the application's last log lines
 */
export async function watchHealth(
  stack: Stack,
  outputs: StackOutputs,
  { seconds, before, say }: { seconds: number; before?: StackOutputs; say: (line: string) => void },
): Promise<Probe[]> {
  const known = releaseNames(before);
  const fresh = seconds > 0 ? releaseNames(outputs).filter((name) => !known.includes(name)) : [];
  if (seconds > 0) say(`watching ${outputs.url} for ${seconds} s`);
  const { probes, stopped } = await watchBoth(stack, outputs, seconds, fresh);
  const failed = probes.filter(({ ok }) => !ok);
  if (failed.length > 0) {
    const releases = failed.flatMap(({ app }) => (outputs.releases[app] ?? []).map(({ release }) => release));
    throw new Unhealthy(
      `Not healthy through the edge: ${list(failed)}${await lastWords(stack, releases)}`,
      remedy(outputs),
      failed.map(({ app }) => app),
    );
  }
  if (stopped.length > 0) {
    throw new Unhealthy(
      `Stopped after it was healthy: ${stopped.join(", ")}${await lastWords(stack, stopped)}`,
      remedy(outputs),
      appsOf(outputs, stopped),
    );
  }
  return probes;
}

/**
 * The same after an update that failed half-way, whose own outputs nobody has: what isn't healthy of the applications
 * that ran before.
 * @param sick applications that weren't healthy before either
 * @returns what is wrong, with the last log lines; nothing when all is well, or when the server is out of reach
 */
export async function watchAfterFailure(
  stack: Stack,
  before: StackOutputs,
  { seconds, sick, say }: { seconds: number; sick: readonly string[]; say: (line: string) => void },
): Promise<string | undefined> {
  if (seconds > 0) say(`the update failed; watching what ran before for ${seconds} s`);
  const server = seconds > 0 ? await seen(() => Server.of(stack.name)) : undefined;
  const { probes, stopped } = await watchBoth(
    stack,
    before,
    seconds,
    server?.newReleases(before, sick) ?? [],
  );
  // Without any answer it is the server that is out of reach: another update wouldn't get there either.
  const failed = probes.filter(({ app, ok, answer }) => !ok && !sick.includes(app) && /^\d+$/.test(answer));
  if (failed.length > 0) return `Meanwhile not healthy through the edge: ${list(failed)}`;
  if (stopped.length === 0) return undefined;
  return `Meanwhile stopped after it was healthy: ${stopped.join(", ")}${await lastWords(stack, stopped)}`;
}

/** Asks through the edge for a while. @returns what the last round said, and which containers have stopped meanwhile */
async function watchBoth(
  stack: Stack,
  outputs: StackOutputs,
  seconds: number,
  releases: string[],
): Promise<{ probes: Probe[]; stopped: string[] }> {
  const server = releases.length > 0 ? await seen(() => Server.of(stack.name)) : undefined;
  const first = await seen(() => server?.starts(releases));
  const probes = await watch(outputs, seconds);
  stopIfInterrupted();
  const last = (await seen(() => server?.starts(releases))) ?? new Map<string, Start>();
  const stopped = [...last].filter(([name, { at, restarting }]) => {
    const earlier = first?.get(name);
    return earlier !== undefined && (restarting || earlier.at !== at);
  });
  return { probes, stopped: stopped.map(([name]) => name) };
}

/** The applications that these containers belong to. */
function appsOf({ releases }: StackOutputs, names: string[]): string[] {
  const mine = (release: string): boolean => names.some((name) => name.startsWith(release));
  return Object.keys(releases).filter((app) => releases[app]!.some(({ release }) => mine(release)));
}

/** What was asked, and what came back. */
export const list = (probes: Probe[]): string =>
  probes.map(({ app, url, answer }) => `${app}: ${url} answered ${answer}`).join("; ");

const remedy = ({ ssh }: StackOutputs): string => `Look at the server: ${ssh}`;

/** When a container was last started, ISO 8601, and whether Docker is about to start it again. */
interface Start {
  at: string;
  restarting: boolean;
}

/** Containers on a stack's server. */
class Server {
  private constructor(private readonly declaration: Declaration) {}

  static async of(stack: string): Promise<Server> {
    return new Server(readDeclaration((await exportState(stack, true)).deployment.resources ?? []));
  }

  /** Containers of healthy applications that the state declares, and whose release didn't run before. */
  newReleases({ releases }: StackOutputs, sick: readonly string[]): string[] {
    const known = Object.values(releases).flatMap((all) => all.map(({ release }) => release));
    return this.declaration.containers.flatMap(({ inputs: { name = "", labels = [] } }) => {
      const app = labels.find(({ label }) => label === "service")?.value ?? "";
      return app in releases &&
        !sick.includes(app) &&
        !known.some((release) => name.startsWith(`${release}-`))
        ? [name]
        : [];
    });
  }

  async starts(releases: string[]): Promise<Map<string, Start>> {
    return new Map(
      (await this.containers(releases)).map(({ Name, State }) => [
        Name.slice(1),
        { at: State.StartedAt, restarting: State.Status === "restarting" },
      ]),
    );
  }

  /** What the containers of these releases said last. */
  async logs(releases: string[]): Promise<string> {
    const words = await Promise.all(
      (await this.containers(releases)).slice(0, 4).map(async ({ Name, Id }) => {
        const text = await dockerOnServer(this.declaration, ["logs", "--tail", "20", Id]);
        return `\nLast log lines of ${Name.slice(1)}:\n${text.trim() || "(none)"}`;
      }),
    );
    return words.join("");
  }

  private async containers(releases: string[]): Promise<ContainerInfo[]> {
    const { engine } = await look({ ...this.declaration, calls: [] });
    return (engine.containers ?? []).filter(({ Name }) =>
      releases.some((release) => Name === `/${release}` || Name.startsWith(`/${release}-`)),
    );
  }
}

async function lastWords(stack: Stack, releases: string[]): Promise<string> {
  return (await seen(async () => (await Server.of(stack.name)).logs(releases))) ?? "";
}

/** A look that is impossible says nothing about the application's health. */
async function seen<T>(look: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await look();
  } catch {
    return undefined;
  }
}
