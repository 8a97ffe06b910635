import { readProcess, type ProcessConfig } from "../../common/config.ts";
import { Env, type Values } from "../../common/env.ts";

/** The configuration of the process. The README's table explains each variable. */
export interface Config extends ProcessConfig {
  /** Where the browser finds the backend, on the page's own host. */
  apiPath: string;
  wsPath: string;
  /** Backend to which this process passes the two paths on by itself, where no edge does it. */
  backendUrl: URL | undefined;
}

/**
 * Reads the configuration.
 * @throws ConfigError naming every bad variable
 */
export function readConfig(values: Values): Config {
  const env = new Env(values);
  const config: Config = {
    ...readProcess(env, { service: "frontend", port: 3000 }),
    apiPath: path(env, "PUBLIC_API_PATH", "/api"),
    wsPath: path(env, "PUBLIC_WS_PATH", "/ws/"),
    backendUrl: env.url("BACKEND_URL", ["http:"]),
  };
  env.check();
  return config;
}

function path(env: Env, name: string, fallback: string): string {
  const found = env.text(name, fallback);
  if (/^(\/[\w.-]+)+\/?$/.test(found)) return found;
  env.problem(name, `expected a path such as ${fallback}, got ${JSON.stringify(found)}`);
  return fallback;
}
