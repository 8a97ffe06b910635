import Docker from "dockerode";

/** How long this machine's engine may say nothing while it works, milliseconds: a step of a build may be quiet. */
const SILENCE = 20 * 60_000;

/** This machine's engine; a question that it never answers fails. */
export const engine = (): Docker => new Docker({ timeout: SILENCE });

/** A line of the engine's progress stream. */
export interface EngineEvent {
  /** The layer that it is about. */
  id?: string;
  stream?: string;
  status?: string;
  error?: string;
  aux?: { ID?: string; Digest?: string };
}

/**
 * Reads the engine's progress stream to its end.
 *
 * @param onEvent called for each event as it arrives
 * @throws Error when the engine reports one, or the stream breaks
 */
export function drain(
  stream: NodeJS.ReadableStream,
  onEvent: (event: EngineEvent) => void = () => {},
): Promise<EngineEvent[]> {
  return new Promise((resolve, reject) => {
    const events: EngineEvent[] = [];
    let rest = "";
    const read = (line: string): void => {
      if (line.trim() === "") return;
      const event = JSON.parse(line) as EngineEvent;
      events.push(event);
      onEvent(event);
    };
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      lines.forEach(read);
    });
    stream.on("error", reject);
    stream.on("end", () => {
      read(rest);
      const failed = events.find(({ error }) => error !== undefined);
      if (failed) reject(new Error(failed.error));
      else resolve(events);
    });
  });
}

/** The status of a failed call to the engine, 0 when the error is none of the engine's. */
export function statusOf(error: unknown): number {
  return typeof error === "object" && error !== null && "statusCode" in error ? Number(error.statusCode) : 0;
}

/** Waits for a call and takes "not found" for `undefined`. */
export async function found<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Whether this machine's engine has an image under that name. */
export async function hasImage(docker: Docker, name: string): Promise<boolean> {
  return (await found(docker.getImage(name).inspect())) !== undefined;
}
