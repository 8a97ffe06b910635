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
 * has stopped meanwhile: beside another replica, nobody outside would see that.
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
  const server = fresh.length > 0 ? await seen(() => Server.of(stack.name)) : undefined;
  const first = await seen(() => server?.starts(fresh));
  const probes = await watch(outputs, seconds);
  stopIfInterrupted();
  const failed = probes.filter(({ ok }) => !ok);
  if (failed.length > 0) {
    const releases = failed.flatMap(({ app }) => (outputs.releases[app] ?? []).map(({ release }) => release));
    throw new Unhealthy(
      `Not healthy through the edge: ${list(failed)}${await lastWords(stack, releases)}`,
      remedy(outputs),
      failed.map(({ app }) => app),
    );
  }
  const last = await seen(() => server?.starts(fresh));
  const stopped = [...(last ?? [])].filter(([name, start]) => first && first.get(name) !== start);
  if (stopped.length > 0) {
    const names = stopped.map(([name]) => name);
    throw new Unhealthy(
      `Stopped after it was healthy: ${names.join(", ")}${await lastWords(stack, names)}`,
      remedy(outputs),
      appsOf(outputs, names),
    );
  }
  return probes;
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

/** Containers on a stack's server. */
class Server {
  private constructor(private readonly declaration: Declaration) {}

  static async of(stack: string): Promise<Server> {
    return new Server(readDeclaration((await exportState(stack, true)).deployment.resources ?? []));
  }

  /** When each container of these releases was started, or that it doesn't run. */
  async starts(releases: string[]): Promise<Map<string, string>> {
    const found = (await this.containers(releases)).map(({ Name, State }): [string, string] => [
      Name.slice(1),
      State.Running ? State.StartedAt : State.Status,
    ]);
    return new Map(found);
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
