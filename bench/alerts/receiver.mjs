// Stands in for who is told: answers each path with the status it was told last (200), and is a name server that knows every
// name until it is told otherwise. Says what it got on stdout, a line of JSON each; is told on stdin: {"status": {"/slack": 500}}.
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

const told = { status: {}, knows: true };
createInterface({ input: process.stdin }).on("line", (line) => {
  const { status, knows } = JSON.parse(line);
  Object.assign(told.status, status);
  told.knows = knows ?? told.knows;
});

createServer((request, answer) => {
  let body = "";
  request
    .on("data", (piece) => (body += piece))
    .on("end", () => {
      const status = told.status[request.url] ?? 200;
      console.log(JSON.stringify({ path: request.url, at: Date.now(), status, body }));
      answer.writeHead(status).end("ok");
    });
}).listen(80, () => console.log(JSON.stringify({ path: "ready", at: Date.now(), status: 0, body: "{}" })));

const names = createSocket("udp4");
names.on("message", (question, { address, port }) => {
  const end = question.indexOf(0, 12) + 5;
  const head = Buffer.from(question.subarray(0, 12));
  // RFC 1035, 4.1.1: an answer, and NXDOMAIN where it knows none; without what the question had after its name.
  head.writeUInt16BE(told.knows ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(told.knows ? 1 : 0, 6);
  head.writeUInt16BE(0, 10);
  const record = Buffer.from("c00c00010001000000050004c0000201", "hex");
  names.send(
    Buffer.concat([head, question.subarray(12, end), ...(told.knows ? [record] : [])]),
    port,
    address,
  );
});
names.bind(53);
