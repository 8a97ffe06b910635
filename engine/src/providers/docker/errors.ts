/** Something the Docker engine, or the way to it, refused. The message names what, the engine's words and a remedy. */
export class DockerError extends Error {
  readonly status: number | undefined;
  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

interface Raw {
  statusCode?: number;
  code?: string;
  reason?: string;
  json?: unknown;
  message?: string;
}

/** The daemon's own words, without dockerode's wrapping. */
export function wordsOf(error: unknown): string {
  const { json, message = String(error) } = error as Raw;
  const daemonMessage = (json as { message?: unknown } | undefined)?.message;
  return (
    typeof daemonMessage === "string" ? daemonMessage : message.replace(/^\(HTTP code \d+\) [^-]* - /, "")
  ).trim();
}

export function isMissing(error: unknown): boolean {
  return (error as Raw).statusCode === 404 || (error instanceof DockerError && error.status === 404);
}

const unreachable = new Set([
  "ENOENT",
  "ECONNREFUSED",
  "EACCES",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
]);

const remedies: [pattern: RegExp, remedy: string][] = [
  [/port is already allocated|address already in use/i, "free the port, or publish another one"],
  [
    /no such image|manifest unknown|pull access denied/i,
    "build or load the image on that engine, or check its name",
  ],
  [/name ".*" is already in use|already exists/i, "remove the other one, or choose another name"],
  [/network .* not found/i, "create the network first (dependsOn)"],
  [/rootfs is marked read-only/i, "mount a host file or a tmpfs instead of uploads, or drop readOnly"],
];

/**
 * Turns an error of dockerode into ours.
 * @param what the object and what was tried, e.g. `container "db": cannot start`
 * @param where the engine's address
 */
export function toDockerError(error: unknown, what: string, where: string): DockerError {
  if (error instanceof DockerError) {
    const named = error.message.startsWith(what.split(":")[0]!);
    return named ? error : new DockerError(`${what}: ${error.message}`, error.status);
  }
  const { statusCode, code } = error as Raw;
  const words = wordsOf(error);
  if (statusCode === undefined && code !== undefined && unreachable.has(code))
    return new DockerError(
      `${what}: cannot reach the Docker engine at ${where}: ${words}. Is it running, and may this user use it?`,
    );
  const remedy = remedies.find(([pattern]) => pattern.test(words))?.[1];
  return new DockerError(`${what}: ${words}${remedy === undefined ? "" : `; ${remedy}`}`, statusCode);
}
