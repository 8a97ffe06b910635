// Asks an address at a steady rate, in a process of its own: what else the bench does takes no time of its answers.
//
// Arguments: URL, address to connect to, requests a second. Asks until its standard input ends; then prints one line of
// JSON, {times: [millisecond], failed}.
import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

const [url, address, rate] = process.argv.slice(2);
const { hostname } = new URL(url);
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false, servername: hostname });
const lookup = (_name, { all }, done) =>
  all ? done(null, [{ address, family: 4 }]) : done(null, address, 4);
const times = [];
let [over, failed] = [false, 0];
process.stdin.resume().on("end", () => (over = true));

function ask() {
  const begin = performance.now();
  return new Promise((done) => {
    const lost = () => done(void failed++);
    request(url, { agent, lookup, timeout: 30_000 }, (answer) => {
      answer.resume().on("error", lost);
      answer.on("end", () => {
        times.push(performance.now() - begin);
        if (answer.statusCode !== 200) failed++;
        done();
      });
    })
      .on("error", lost)
      .end();
  });
}

const pending = [];
for (let next = performance.now(); !over; next += 1000 / Number(rate)) {
  await sleep(Math.max(0, next - performance.now()));
  pending.push(ask());
}
await Promise.all(pending);
console.log(JSON.stringify({ times, failed }));
process.exit(0);
