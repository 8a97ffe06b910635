import type { Server } from "node:http";
import type { Logger } from "./log.ts";

/** Starts to listen; a port that can't be had ends the process with the remedy in the log. */
export function listen(server: Server, log: Logger, at: { host?: string; port: number }): void {
  server.once("error", (error: NodeJS.ErrnoException) => {
    log.fatal(`PORT: can't listen on ${at.port} (${error.code}); ${remedy(error.code)}`);
    process.exit(1);
  });
  // Longer than any proxy in front keeps an idle connection (nginx: 60 s), or it would send into a closed one.
  server.keepAliveTimeout = 75_000;
  server.listen(at.port, at.host, () => log.info({ address: server.address() }, "listening"));
}

function remedy(code: string | undefined): string {
  if (code === "EADDRINUSE") return "stop what listens there, or set PORT to a free port";
  if (code === "EACCES") return "ports below 1024 need a privilege; set PORT to 1024 or above";
  return "check PORT and HOST";
}

/** Logs what nothing caught, and ends: a process in an unknown state must not go on. */
export function dieLoudly(log: Logger): void {
  process.on("uncaughtException", (err) => {
    log.fatal({ err }, "uncaught error");
    process.exit(1);
  });
}
