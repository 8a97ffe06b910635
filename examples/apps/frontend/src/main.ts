import { fileURLToPath } from "node:url";
import { pathOf } from "../../common/access.ts";
import { crashSoon } from "../../common/fault.ts";
import { InFlight } from "../../common/inflight.ts";
import { openLog } from "../../common/log.ts";
import { run } from "../../common/run.ts";
import { dieLoudly, listen } from "../../common/serve.ts";
import { stopOnSignal } from "../../common/stop.ts";
import { Assets } from "./assets.ts";
import { readConfig, type Config } from "./config.ts";
import { Proxy } from "./proxy.ts";
import { isBackends, makeServer } from "./server.ts";

function start(config: Config): void {
  const { release, version, service } = config;
  const log = openLog({ level: config.logLevel, base: { service, release }, secrets: [] });
  dieLoudly(log);
  const inFlight = new InFlight();
  const assets = new Assets(fileURLToPath(new URL("assets", import.meta.url)));
  const proxy = config.backendUrl && new Proxy(config.backendUrl);
  const server = makeServer({ config, assets, log, inFlight, proxy });
  server.on("upgrade", (req, socket, head) => {
    if (proxy && isBackends(config, pathOf(req))) proxy.passUpgrade(req, socket, head);
    else socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  stopOnSignal({
    server,
    log,
    drainSeconds: config.drainSeconds,
    shutdownSeconds: config.shutdownSeconds,
    drain: () => inFlight.drain(),
    farewell: () => proxy?.close(),
    release: () => Promise.resolve(),
  });
  listen(server, log, config);
  log.info({ version, fault: config.fault }, "starting");
  if (config.fault.crash) crashSoon(log);
}

run("frontend", readConfig, start);
