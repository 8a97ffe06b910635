import { Agent, request } from "undici";
import { keywordOf } from "./keyword.ts";
import type { Monitor } from "./wanted.ts";

/** A monitor, and what it would find now. */
export interface Asked extends Monitor {
  /** The status, or why there was none. */
  now: string;
  /** Whether a monitor of this kind would be content. */
  well: boolean;
}

/** Milliseconds. */
const TIMEOUT = 10_000;
/** Bytes of an answer in which a keyword is looked for. */
const LARGEST = 64 * 1024;

/**
 * Asks each address by its public name, as a monitor would, and takes a keyword from its answer.
 * @param trusted whether browsers trust the certificate; another is accepted without a look
 */
export async function askAll(monitors: readonly Monitor[], trusted: boolean): Promise<Asked[]> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: trusted, timeout: TIMEOUT } });
  try {
    return await Promise.all(monitors.map((one) => ask(one, dispatcher)));
  } finally {
    await dispatcher.close();
  }
}

async function ask(monitor: Monitor, dispatcher: Agent): Promise<Asked> {
  const { url, status } = monitor;
  try {
    const answer = await request(url, { dispatcher, headersTimeout: TIMEOUT, bodyTimeout: TIMEOUT });
    const { statusCode: found, headers } = answer;
    const small = Number(headers["content-length"] ?? 0) <= LARGEST;
    const body = small ? (await answer.body.text()).slice(0, LARGEST) : "";
    if (!small) answer.body.destroy();
    // Monitors follow redirects.
    const well = status === undefined ? found >= 200 && found < 400 : found === status;
    const keyword = found >= 200 && found < 300 ? keywordOf(body) : undefined;
    return { ...monitor, ...(keyword === undefined ? {} : { keyword }), now: String(found), well };
  } catch (error) {
    return { ...monitor, now: (error as Error).message, well: false };
  }
}
