import { crashSoon } from "../../common/fault.ts";
import { openLog } from "../../common/log.ts";
import { run } from "../../common/run.ts";
import { dieLoudly, listen } from "../../common/serve.ts";
import { stopOnSignal } from "../../common/stop.ts";
import { App } from "./app.ts";
import { readConfig, type Config } from "./config.ts";
import { makeServer } from "./http/server.ts";
import { allRoutes } from "./routes/index.ts";
import { Sockets } from "./sockets.ts";
import { Streams } from "./streams.ts";

function start(config: Config): void {
  const { release, version, service } = config;
  const log = openLog({ level: config.logLevel, base: { service, release }, secrets: config.secrets });
  dieLoudly(log);
  const app = new App(config, log);
  const streams = new Streams(release);
  const server = makeServer(app, allRoutes(app, streams));
  const sockets = new Sockets(app, server);
  stopOnSignal({
    server,
    log,
    drainSeconds: config.drainSeconds,
    shutdownSeconds: config.shutdownSeconds,
    drain: () => app.inFlight.drain(),
    farewell: () => {
      streams.close();
      sockets.close();
    },
    release: () => app.close(),
  });
  listen(server, log, config);
  log.info({ version, fault: config.fault, keys: config.keys }, "starting");
  if (config.fault.crash) crashSoon(log);
}

run("backend", readConfig, start);
