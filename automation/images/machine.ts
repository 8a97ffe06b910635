import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { mirrorsOf, type Mirrors } from "./apt-sources.ts";

/** How this machine reaches Debian's packages; used while images are built, and kept in none. */
export interface PackageAccess {
  mirrors: Mirrors;
  /** `http_proxy` and the like, by their name in lower case. */
  proxies: Record<string, string>;
}

/**
 * Reads the package sources and the proxy of this machine, from apt's configuration and the environment.
 *
 * @param etc apt's folder
 */
export async function packageAccess(etc = "/etc/apt"): Promise<PackageAccess> {
  const [mirrors, apt] = await Promise.all([readMirrors(etc), aptProxies()]);
  return { mirrors, proxies: { ...apt, ...environmentProxies(process.env) } };
}

/** Whether this machine can make a Debian: the bases of the project's own images. */
export function canMakeDebian(path: readonly string[] = (process.env.PATH ?? "").split(delimiter)): boolean {
  return path.some((folder) => existsSync(join(folder, "mmdebstrap")));
}

/** The proxy variables of an environment; the spelling in lower case wins, as in curl. */
export function environmentProxies(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const names = ["http_proxy", "https_proxy", "no_proxy"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name] || env[name.toUpperCase()];
      return value ? [[name, value]] : [];
    }),
  );
}

/** The proxies in what `apt-config shell` prints for {@link APT_PROXIES}: `name='value'` a line. */
export function parseAptProxies(output: string): Record<string, string> {
  const lines = output.matchAll(/^(https?_proxy)='([^']+)'$/gm);
  return Object.fromEntries(
    [...lines].filter(([, , value]) => value !== "DIRECT").map(([, name, value]) => [name!, value!]),
  );
}

const APT_PROXIES = ["http_proxy", "Acquire::http::Proxy", "https_proxy", "Acquire::https::Proxy"];

async function aptProxies(): Promise<Record<string, string>> {
  const { stdout, failed } = await execa("apt-config", ["shell", ...APT_PROXIES], {
    reject: false,
    timeout: 60_000,
  });
  return failed ? {} : parseAptProxies(stdout ?? "");
}

async function readMirrors(etc: string): Promise<Mirrors> {
  const folder = join(etc, "sources.list.d");
  const names = await readdir(folder).catch(() => []);
  const paths = [
    join(etc, "sources.list"),
    ...names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(folder, name)),
  ];
  const read = paths.map(async (path) => [path, await readFile(path, "utf8").catch(() => "")] as const);
  return mirrorsOf(Object.fromEntries(await Promise.all(read)));
}
