/** Something the Docker engine, or the way to it, refused. The message names what, the engine's words and a remedy. */
export class DockerError extends Error {
  readonly status: number | undefined;
  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

export class EngineUnreachableError extends DockerError {}
export class ImageMissingError extends DockerError {}
export class NameTakenError extends DockerError {}
export class NetworkMissingError extends DockerError {}
export class PortTakenError extends DockerError {}
export class ReadOnlyUploadError extends DockerError {}
export class UnhealthyError extends DockerError {}

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
  const said = (json as { message?: unknown } | undefined)?.message;
  return (typeof said === "string" ? said : message.replace(/^\(HTTP code \d+\) [^-]* - /, "")).trim();
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

type Cause = [RegExp, new (message: string, status?: number) => DockerError, string];
const causes: Cause[] = [
  [
    /port is already allocated|address already in use/i,
    PortTakenError,
    "free the port, or publish another one",
  ],
  [
    /no such image|manifest unknown|pull access denied/i,
    ImageMissingError,
    "build or load the image on that engine, or check its name and the registry login",
  ],
  [
    /name ".*" is already in use|already exists/i,
    NameTakenError,
    "remove the other one, import it, or choose another name",
  ],
  [/network .* not found/i, NetworkMissingError, "create the network first (dependsOn)"],
  [
    /rootfs is marked read-only/i,
    ReadOnlyUploadError,
    "mount a host file or a tmpfs instead of uploads, or drop readOnly",
  ],
];

/**
 * Turns an error of dockerode into ours.
 * @param what the object and what was tried, e.g. `container "db": cannot start`
 * @param where the engine's address
 */
export function explain(error: unknown, what: string, where: string): DockerError {
  if (error instanceof DockerError) {
    const DockerTypeSpec = error.constructor as typeof DockerError;
    return error.message.startsWith(what.split(":")[0]!)
      ? error
      : new DockerTypeSpec(`${what}: ${error.message}`, error.status);
  }
  const { statusCode, code } = error as Raw;
  const words = wordsOf(error);
  if (statusCode === undefined && code !== undefined && unreachable.has(code))
    return new EngineUnreachableError(
      `${what}: cannot reach the Docker engine at ${where}: ${words}. Is it running, and may this user use it?`,
    );
  for (const [pattern, DockerTypeSpec, remedy] of causes)
    if (pattern.test(words)) return new DockerTypeSpec(`${what}: ${words}; ${remedy}`, statusCode);
  return new DockerError(`${what}: ${words}`, statusCode);
}
