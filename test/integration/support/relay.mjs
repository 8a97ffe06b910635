/**
 * HTTPS on port 443 for {@link DnsApi}, in a container of the network, where that port is free and needs no right: the
 * first line of the input is key and certificate; each request becomes a line of the output, and each further line of
 * the input the answer to one. Ends with its input.
 */
import { createServer } from "node:https";
import { createInterface } from "node:readline";

const waiting = new Map();
let count = 0;
let server;

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function ask(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const { method, url: path, headers } = request;
  waiting.set(++count, response);
  say({ id: count, method, path, headers, body: Buffer.concat(parts).toString() });
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    if (server) {
      const { id, status, type, body } = JSON.parse(line);
      waiting.get(id).writeHead(status, { "content-type": type }).end(body);
      waiting.delete(id);
    } else {
      server = createServer(JSON.parse(line), (request, response) => void ask(request, response));
      server.listen(443, () => say({ id: 0 }));
    }
  })
  .on("close", () => process.exit());
