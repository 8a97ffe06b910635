import type * as docker from "@pulumi/docker";
import type { App } from "../../config/schema/app/index.ts";

const TMP = "rw,noexec,nosuid,size=64m";

/** Folders in memory: path → mount options; `/tmp` in any case. */
export function tmpfsOf(settings: App["tmpfs"]): Record<string, string> {
  const own = Object.entries(settings).map(([path, value]) => {
    const { size, exec, mode } =
      typeof value === "number" ? { size: value, exec: false, mode: undefined } : value;
    const options = ["rw", exec ? "exec" : "noexec", "nosuid", `size=${Math.ceil(size / 1024)}k`];
    return [path, [...options, ...(mode === undefined ? [] : [`mode=${mode}`])].join(",")] as const;
  });
  return { "/tmp": TMP, ...Object.fromEntries(own) };
}

/** Lines of `/etc/hosts`, sorted; undefined without any. */
export function hostsOf(settings: App["hosts"]): docker.types.input.ContainerHost[] | undefined {
  const hosts = Object.entries(settings).map(([host, ip]) => ({ host, ip }));
  return hosts.length > 0 ? hosts.sort((a, b) => (a.host < b.host ? -1 : 1)) : undefined;
}

/** Limits of a process, sorted; undefined without any. */
export function ulimitsOf(settings: App["ulimits"]): docker.types.input.ContainerUlimit[] | undefined {
  const limits = Object.entries(settings).map(([name, value]) => {
    const { soft, hard } = typeof value === "number" ? { soft: value, hard: value } : value;
    return { name, soft, hard };
  });
  return limits.length > 0 ? limits.sort((a, b) => (a.name < b.name ? -1 : 1)) : undefined;
}
