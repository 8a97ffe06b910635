import { asList, asText, isMap, type Json, type JsonMap } from "../compose/json.ts";

/** Options of `docker run` that a key of Compose says as they stand. */
const SAME: Readonly<Record<string, string>> = {
  memory: "mem_limit",
  cpus: "cpus",
  "memory-reservation": "mem_reservation",
  "pids-limit": "pids_limit",
  "shm-size": "shm_size",
  init: "init",
  user: "user",
  "read-only": "read_only",
  entrypoint: "entrypoint",
};

/** Those that may be given more than once. */
const LISTS: Readonly<Record<string, string>> = {
  "cap-add": "cap_add",
  "cap-drop": "cap_drop",
  tmpfs: "tmpfs",
  "group-add": "group_add",
  "add-host": "extra_hosts",
};

const CHECK: Readonly<Record<string, string>> = {
  "health-cmd": "test",
  "health-interval": "interval",
  "health-timeout": "timeout",
  "health-retries": "retries",
  "health-start-period": "start_period",
};

/** Kamal's `options` in the words of a Compose file. */
export function optionsOf(options: JsonMap): JsonMap {
  const result: JsonMap = {};
  const check: JsonMap = {};
  for (const [name, value] of Object.entries(options)) {
    if (SAME[name]) result[SAME[name]] = value;
    else if (LISTS[name]) result[LISTS[name]] = asList(value);
    else if (CHECK[name]) check[CHECK[name]] = value;
    else if (name === "ulimit") result.ulimits = ulimits(value);
  }
  return Object.keys(check).length > 0 ? { ...result, healthcheck: check } : result;
}

/** `nofile=1024:2048`, once or in a list. */
function ulimits(value: Json): JsonMap {
  if (isMap(value)) return value;
  return Object.fromEntries(
    asList(value).map((row) => {
      const [name = "", limits = ""] = (asText(row) ?? "").split("=");
      const [soft = "", hard] = limits.split(":");
      return [name, hard === undefined ? Number(soft) : { soft: Number(soft), hard: Number(hard) }];
    }),
  );
}
