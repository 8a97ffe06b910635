// An application that takes uploads and says how many bytes came, in a process of its own.
//
// Argument: the socket to listen on. Prints a line once it listens; ends with its standard input.
import { chmodSync } from "node:fs";
import { createServer } from "node:http";

const socket = process.argv[2];
createServer((request, response) => {
  let received = 0;
  request.on("data", (part) => (received += part.length));
  request.on("end", () => response.end(`${received} ${request.headers["content-length"] ?? "chunked"}`));
}).listen(socket, () => {
  chmodSync(socket, 0o666);
  console.log("listening");
});
process.stdin.resume().on("end", () => process.exit(0));
