// Asks an address 50 times a second over kept connections, from inside a container, and prints one line of JSON:
// {failures: {reason: count}, versions: {x-version: count}}. Arguments: URL, seconds.
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const [url, seconds] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const [failures, versions] = [{}, {}];
const count = (map, key) => (map[key] = (map[key] ?? 0) + 1);

const ask = () =>
  new Promise((done) => {
    request(url, { agent, timeout: 10_000 }, (answer) => {
      if (answer.statusCode === 200) count(versions, answer.headers["x-version"]);
      else count(failures, answer.statusCode);
      answer.resume().on("end", done).on("error", done);
    })
      .on("error", (error) => done(count(failures, error.code ?? error.message)))
      .end();
  });

const pending = [];
for (const end = Date.now() + Number(seconds) * 1000; Date.now() < end; await sleep(20)) pending.push(ask());
await Promise.all(pending);
console.log(JSON.stringify({ failures, versions }));
process.exit(0);
