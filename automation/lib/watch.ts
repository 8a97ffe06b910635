import { containerNames, logsOf, startsOf, type Start } from "./containers.ts";
import { explain, UserError } from "./errors.ts";
import { stopIfInterrupted } from "./interrupt.ts";
import type { StackOutputs } from "./outputs.ts";
import { watch, type Probe } from "./probe.ts";
import { Server } from "./server.ts";

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

/** What is watched, and since when. */
interface Watched {
  /** 0 asks once. */
  seconds: number;
  before?: StackOutputs;
  /** Applications that weren't healthy before: the others are watched as if these weren't there. */
  sick?: readonly string[];
  say: (line: string) => void;
}

/**
 * Asks every application for its health through the edge for a while, and looks whether a container of a new release
 * has stopped meanwhile: next to another replica, or between two restarts, no visitor would see that.
 * @returns what the last round said; what was sick before may still be
 * @throws Unhealthy with the application's last log lines
 */
export async function watchHealth(
  outputs: StackOutputs,
  { seconds, before, sick = [], say }: Watched,
): Promise<Probe[]> {
  const known = releaseNames(before);
  const fresh = seconds > 0 ? releaseNames(outputs).filter((name) => !known.includes(name)) : [];
  if (seconds > 0) say(`watching ${outputs.url} for ${seconds} s`);
  const { probes, stopped } = await watchBoth(outputs, { seconds, sick, say }, fresh);
  await refuseUnhealthy(outputs, probes, sick);
  if (stopped.length > 0) {
    throw new Unhealthy(
      `Stopped after it was healthy: ${stopped.join(", ")}${await lastWords(outputs, stopped)}`,
      remedy(outputs),
      appsOf(outputs, stopped),
    );
  }
  return probes;
}

/**
 * @param except applications that may be unhealthy
 * @throws Unhealthy with the application's last log lines
 */
export async function refuseUnhealthy(
  outputs: StackOutputs,
  probes: Probe[],
  except: readonly string[] = [],
): Promise<void> {
  const failed = probes.filter(({ app, ok }) => !ok && !except.includes(app));
  if (failed.length === 0) return;
  const releases = failed.flatMap(({ app }) => (outputs.releases[app] ?? []).map(({ release }) => release));
  throw new Unhealthy(
    `Not healthy through the edge: ${list(failed)}${await lastWords(outputs, releases)}`,
    `${remedy(outputs)}${otherPath(failed)}`,
    failed.map(({ app }) => app),
  );
}

/** An application whose first page leads elsewhere, or wants a login, works: another path has to show it. */
function otherPath(failed: Probe[]): string {
  const asked = failed.filter(({ answer }) => /^(3\d\d|401|403|404|405)$/.test(answer));
  const settings = asked.map(({ app }) => `apps.${app}.health.probe`);
  const statuses = asked.map(({ app }) => `apps.${app}.health.status`);
  return settings.length > 0
    ? `; where it works, ${settings.join(", ")} names a path that answers 2xx, or ${statuses.join(", ")} takes this answer.`
    : "";
}

/**
 * The same after an update that failed half-way, which has no outputs: what isn't healthy of the applications
 * that ran before.
 * @param sick applications that weren't healthy before either
 * @returns what is wrong, with the last log lines; nothing when all is well, or when the server is out of reach
 */
export async function watchAfterFailure(
  before: StackOutputs,
  { seconds, sick, say }: { seconds: number; sick: readonly string[]; say: (line: string) => void },
): Promise<string | undefined> {
  if (seconds > 0) say(`the update failed; watching what ran before for ${seconds} s`);
  const server = Server.of(before);
  const fresh = seconds > 0 ? await ifPossible(() => newContainers(server, before, sick), say) : [];
  const { probes, stopped } = await watchBoth(before, { seconds, sick, say }, fresh ?? []);
  // Without any answer it is the server that is out of reach: another update wouldn't get there either.
  const failed = probes.filter(({ app, ok, answer }) => !ok && !sick.includes(app) && /^\d+$/.test(answer));
  if (failed.length > 0) return `Meanwhile not healthy through the edge: ${list(failed)}`;
  if (stopped.length === 0) return undefined;
  return `Meanwhile stopped after it was healthy: ${stopped.join(", ")}${await lastWords(before, stopped)}`;
}

/** Asks through the edge for a while. @returns what the last round said, and which containers have stopped meanwhile */
async function watchBoth(
  outputs: StackOutputs,
  { seconds, sick, say }: { seconds: number; sick: readonly string[]; say: (line: string) => void },
  releases: string[],
): Promise<{ probes: Probe[]; stopped: string[] }> {
  const server = Server.of(outputs);
  const first = await ifPossible(() => startsOf(server, releases), say);
  const probes = await watch(outputs, seconds, { sick });
  stopIfInterrupted();
  const last = (await ifPossible(() => startsOf(server, releases), say)) ?? new Map<string, Start>();
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

/** Containers of healthy applications on the server whose release didn't run before. */
async function newContainers(
  server: Server,
  { releases }: StackOutputs,
  sick: readonly string[],
): Promise<string[]> {
  const apps = Object.keys(releases).filter((app) => !sick.includes(app));
  const known = Object.values(releases).flatMap((all) => all.map(({ release }) => release));
  const names = await containerNames(server, apps);
  return names.filter((name) => !known.some((release) => name.startsWith(`${release}-`)));
}

/** What the containers of these releases logged last; nothing when the server can't say. */
async function lastWords(outputs: StackOutputs, releases: string[]): Promise<string> {
  return (await ifPossible(() => logsOf(Server.of(outputs), releases))) ?? "";
}

/** A look that is impossible says nothing about the application's health; a person reads why it was. */
async function ifPossible<T>(
  look: () => Promise<T>,
  say: (line: string) => void = () => undefined,
): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    say(`not looked at the containers: ${explain(error).message}`);
    return undefined;
  }
}
