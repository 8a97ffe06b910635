import { setTimeout as sleep } from "node:timers/promises";
import { readBody } from "../http/body.ts";
import { wholeNumber } from "../http/query.ts";
import type { Exchange, Route } from "../http/router.ts";
import type { Streams } from "../streams.ts";

const LINE = "The quick brown fox jumps over the lazy dog, again and again and again.\n";

/** Kinds of traffic that are hard on a switch of releases: long answers, streams, large texts. */
export function trafficRoutes(streams: Streams): Route[] {
  return [
    { method: "POST", path: "/api/slow", handle: slow },
    { method: "GET", path: "/api/large", handle: large },
    {
      method: "GET",
      path: "/api/events",
      handle: ({ req, res, query }) => {
        streams.open(res, lastEvent(req.headers["last-event-id"] ?? query.get("lastEventId")));
        return undefined;
      },
    },
  ];
}

async function slow({ req, query }: Exchange) {
  const ms = wholeNumber(query, "ms", { fallback: 1000, min: 0, max: 120_000 });
  const { length: bytes } = await readBody(req);
  await sleep(ms);
  return { body: { bytes, ms } };
}

function large({ res, query }: Exchange) {
  const bytes = wholeNumber(query, "kb", { fallback: 64, min: 1, max: 10_240 }) * 1024;
  res.setHeader("Content-Type", "text/plain; charset=utf-8");
  res.end(LINE.repeat(Math.ceil(bytes / LINE.length)).slice(0, bytes));
  return undefined;
}

/**
 * The number of the tick that the client saw last; 0 when it says nothing or something that we never sent.
 * Browsers send the header when they come back by themselves; a page that opens a new stream can only use the query.
 */
function lastEvent(text: string | string[] | null): number {
  const id = Number(text);
  return Number.isSafeInteger(id) && id > 0 ? id : 0;
}
