import { Env, type Values } from "../../common/env.ts";
import { readProcess, type ProcessConfig } from "../../common/config.ts";

/** The configuration of the process. The README's table explains each variable. */
export interface Config extends ProcessConfig {
  databaseUrl: string;
  redisUrl: string;
  /** Origin of the public page: the only one that may call from a browser elsewhere. */
  frontendOrigin: string | undefined;
  /** Which optional keys are there; their values are used by nothing here. */
  keys: { claude: boolean; openai: boolean };
  /** Values that must show up nowhere. */
  secrets: string[];
}

/**
 * Reads the configuration.
 * @throws ConfigError naming every bad or missing variable (requirement A24)
 */
export function readConfig(values: Values): Config {
  const env = new Env(values);
  const config: Config = {
    ...readProcess(env, { service: "backend", port: 8080 }),
    databaseUrl: env.secretUrl(
      "DATABASE_URL",
      ["postgres:", "postgresql:"],
      "postgres://user:password@host:5432/name",
    ),
    redisUrl: env.secretUrl("REDIS_URL", ["redis:", "rediss:"], "redis://:password@host:6379/0"),
    frontendOrigin: env.url("FRONTEND_URL", ["http:", "https:"])?.origin,
    keys: {
      claude: env.secret("CLAUDE_API_KEY") !== undefined,
      openai: env.secret("OPENAI_API_KEY") !== undefined,
    },
    secrets: env.secrets,
  };
  env.check();
  return config;
}
