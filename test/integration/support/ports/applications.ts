/** Says its version, then repeats what it hears, on 1025/tcp. */
export const MAIL = `require("net").createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.write(process.env.VERSION + "\\n");
  socket.pipe(socket);
}).listen(1025);
process.on("SIGTERM", () => process.exit(0))`;

/** Says its version and who asked, on 53/udp. */
export const RESOLVER = `const server = require("dgram").createSocket("udp4");
server.on("message", (_, { port, address }) => server.send(process.env.VERSION + " " + address, port, address));
server.bind(53);
process.on("SIGTERM", () => process.exit(0))`;

/** Asks {@link RESOLVER}, in its container. */
const RESOLVER_CHECK = `const asking = require("dgram").createSocket("udp4");
asking.on("message", () => process.exit(0));
asking.send("who", 53, "127.0.0.1");
setTimeout(() => process.exit(1), 1000)`;

/** gRPC's own way over HTTP/2: whatever comes goes back, with the status in a trailer. */
const ECHO = `const server = require("http2").createServer();
server.on("stream", (stream) => {
  stream.on("error", () => undefined);
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "x-after": "the end" }));
  stream.pipe(stream);
});
server.listen(50051);
process.on("SIGTERM", () => process.exit(0))`;

/** The check of {@link ECHO} in its container, which has no program that speaks gRPC. */
const ECHO_CHECK = `require("http2").connect("http://127.0.0.1:50051")
  .on("connect", () => process.exit(0)).on("error", () => process.exit(1))`;

/** Settings of an application that speaks plain TCP. */
export const mail = (version: string, ports: unknown[]): Record<string, unknown> => ({
  port: undefined,
  command: ["node", "-e", MAIL],
  environment: { VERSION: version },
  ports,
  drain: "20 s",
  stop: "3 s",
});
/** Settings of one that speaks plain UDP. */
export const resolver = (version: string, port: string): Record<string, unknown> => ({
  port: undefined,
  command: ["node", "-e", RESOLVER],
  environment: { VERSION: version },
  exclusive: true,
  health: { command: ["node", "-e", RESOLVER_CHECK] },
  ports: [port],
  stop: "3 s",
});
/** Settings of one that speaks gRPC alone. */
export const RPC = {
  port: 50051,
  command: ["node", "-e", ECHO],
  health: { path: "/grpc.health.v1.Health/Check", command: ["node", "-e", ECHO_CHECK] },
  routes: [{ path: "/test.Echo/", grpc: true }],
};
