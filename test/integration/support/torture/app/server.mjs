/**
 * An application that misbehaves on request, for the tests of switch and edge. Its environment:
 *
 * PORT (8080) and LISTEN (0.0.0.0; `none` listens nowhere, as a worker); VERSION, sent as x-version with each answer;
 * HEALTH_PATH (/health) and HEALTH_STATUS (200); START_DELAY seconds before it listens; CRASH_AFTER seconds after its
 * start it ends with CRASH_CODE (1), after LAST_WORDS on standard error; IGNORE_TERM=1 leaves SIGTERM unanswered.
 */
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { route } from "./routes.mjs";
import { upgrade } from "./socket.mjs";

const { PORT = "8080", LISTEN = "0.0.0.0", START_DELAY = "0", VERSION = "" } = process.env;
const { CRASH_AFTER, CRASH_CODE = "1", LAST_WORDS = "crashed on request", IGNORE_TERM } = process.env;

if (CRASH_AFTER !== undefined) {
  setTimeout(
    () => {
      console.error(LAST_WORDS);
      process.exit(Number(CRASH_CODE));
    },
    Number(CRASH_AFTER) * 1000,
  );
}

// Headers of any size: what is too big is for the proxies before it to say.
const server = createServer({ maxHeaderSize: 1024 * 1024, requestTimeout: 0 }, (request, response) => {
  response.setHeader("x-version", VERSION);
  route(request, response).catch((error) => {
    console.error(`${request.method} ${request.url}: ${error.message}`);
    response.destroy();
  });
});
// Longer than any proxy keeps an idle connection, so that it is never this side that closes one in use.
server.keepAliveTimeout = 3_600_000;
server.on("upgrade", upgrade);

process.on("SIGTERM", () => {
  if (IGNORE_TERM === "1") return;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

await sleep(Number(START_DELAY) * 1000);
if (LISTEN === "none") setInterval(() => undefined, 60_000);
else server.listen(Number(PORT), LISTEN, () => console.log(`listening on ${LISTEN}:${PORT}`));
