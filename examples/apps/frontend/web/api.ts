const { api = "/api" } = document.body.dataset;
const TIMEOUT_MS = 8000;

/** An answer of the backend: its status, its body, the milliseconds that it took. */
export interface Reply<T> {
  status: number;
  body: T & { release: string };
  ms: number;
}

/** The backend said no, or said nothing. The message is for people. */
export class ApiError extends Error {}

/** Called with the release's name of each answer. */
let onRelease: (release: string) => void = () => {};
export function watchRelease(listener: (release: string) => void): void {
  onRelease = listener;
}

/** Where an endpoint is, e.g. `/api/items` for `/items`. */
export function urlOf(path: string): string {
  return api.replace(/\/$/, "") + path;
}

/** Asks the backend, whatever the status of its answer. @throws ApiError when there is no JSON answer */
export async function ask<T>(method: string, path: string, data?: unknown): Promise<Reply<T>> {
  const start = performance.now();
  let response: Response;
  try {
    response = await fetch(urlOf(path), {
      method,
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(data === undefined
        ? {}
        : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) }),
    });
  } catch {
    throw new ApiError("The backend can't be reached.");
  }
  if (response.status === 429) throw new ApiError("Too many requests from here; wait a moment.");
  const body = (await response.json().catch(() => undefined)) as Reply<T>["body"] | undefined;
  if (!body) throw new ApiError(`The backend doesn't answer (status ${response.status}).`);
  onRelease(body.release);
  return { status: response.status, body, ms: performance.now() - start };
}

/** Asks the backend for something that must work. @throws ApiError with the backend's own message */
export async function need<T>(method: string, path: string, data?: unknown): Promise<T> {
  const { status, body } = await ask<T & { message?: string }>(method, path, data);
  if (status < 300) return body;
  throw new ApiError(body.message ?? `The backend answered with status ${status}.`);
}

/** Runs what a person asked for, and shows its error, if any, in this element. */
export async function attempt(problem: HTMLElement, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    problem.textContent = "";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    problem.textContent = error.message;
  }
}
