import { ConfigError, type Values } from "./env.ts";
import { openLog } from "./log.ts";

/**
 * Reads the configuration and starts an application. A bad configuration ends the process with exit code 1 and
 * one line in the log that names every problem (requirement A24).
 */
export function run<C>(service: string, read: (env: Values) => C, start: (config: C) => void): void {
  let config: C;
  try {
    config = read(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const log = openLog({ level: "info", base: { service }, secrets: [] });
    log.fatal({ problems: error.problems }, error.message);
    process.exit(1);
  }
  start(config);
}
