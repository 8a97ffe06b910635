/**
 * An application that breaks when it is told: `/<anything>/set?errors=0.5&wait=3000&series=10000`. It counts its requests
 * as the sample does.
 */
export const WEB = `const bounds = [0.1, 0.5, 1, 2.5, 5];
const told = { errors: 0, wait: 0, series: 0 };
const seen = bounds.map(() => 0);
let count = 0, sum = 0, owed = 0;
function figures() {
  const own = ["# TYPE http_request_duration_seconds histogram"];
  bounds.forEach((le, index) => own.push('http_request_duration_seconds_bucket{le="' + le + '"} ' + seen[index]));
  own.push('http_request_duration_seconds_bucket{le="+Inf"} ' + count);
  own.push("http_request_duration_seconds_sum " + sum, "http_request_duration_seconds_count " + count);
  for (let index = 0; index < told.series; index++) own.push('something{number="' + index + '"} 1');
  return own.join("\\n") + "\\n";
}
require("http").createServer((request, answer) => {
  const { pathname, searchParams } = new URL(request.url, "http://own");
  if (pathname === "/metrics") return answer.end(figures());
  if (pathname.endsWith("/health")) return answer.end("ok");
  if (pathname.endsWith("/set")) {
    for (const [name, value] of searchParams) told[name] = Number(value);
    return answer.end("told");
  }
  const began = Date.now();
  owed += told.errors;
  answer.statusCode = owed >= 1 ? (owed--, 500) : 200;
  setTimeout(() => {
    const seconds = (Date.now() - began) / 1000;
    bounds.forEach((le, index) => seconds <= le && seen[index]++);
    count++;
    sum += seconds;
    answer.end("ok");
  }, told.wait);
}).listen(process.env.PORT);
process.on("SIGTERM", () => process.exit(0))`;

/** A worker that wants more memory than it may have as soon as there is a file. Its other file makes it unhealthy. */
export const WORKER = `const { existsSync } = require("fs");
const kept = [];
setInterval(() => existsSync("/tmp/hungry") && kept.push(Buffer.alloc(16 * 1024 * 1024, 1)), 50);
process.on("SIGTERM", () => process.exit(0))`;

export const HEALTH = `process.exit(require("fs").existsSync("/tmp/sick") ? 1 : 0)`;

/** A job that fails while a file is in the volume of its application. */
export const JOB = `process.exit(require("fs").existsSync("/flags/fail") ? 3 : 0)`;
