import { execa } from "execa";
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Daemon } from "./daemon.ts";
import { freePort } from "./port.ts";

const USER = "app";
/** Has characters that URLs encode, as a generated one may. */
export const PASSWORD = "pg/Geheim+nis=42";

/** A throwaway Postgres server on loopback. */
export interface Postgres {
  /** With the password, percent-encoded. */
  url: string;
  daemon: Daemon;
  /** Ends the server and deletes its data. */
  remove: () => Promise<void>;
}

/** Where the server's programs are: Debian keeps them off PATH. */
const FOLDERS = [...globSync("/usr/lib/postgresql/*/bin").sort().reverse(), "/usr/local/bin", "/usr/bin"];
const folder = FOLDERS.find((path) => existsSync(join(path, "initdb")));

/** Why Postgres can't be started here; nothing when it can. */
export function postgresMissing(): string | undefined {
  if (!folder) return "no Postgres server: apt-get install postgresql";
  return ids() === undefined ? 'Postgres refuses to run as root, and there is no user "postgres"' : undefined;
}

export async function startPostgres(): Promise<Postgres> {
  const data = mkdtempSync(join(tmpdir(), "app-postgres-"));
  const owner = ids() ?? {};
  const secret = join(data, "password");
  writeFileSync(secret, PASSWORD);
  const { uid, gid } = owner;
  if (uid !== undefined && gid !== undefined) for (const path of [data, secret]) chownSync(path, uid, gid);
  const cluster = join(data, "cluster");
  const bin = (name: string) => join(folder ?? "", name);
  const initArgs = [
    "-D",
    cluster,
    "-U",
    USER,
    "--auth=scram-sha-256",
    `--pwfile=${secret}`,
    "--no-sync",
    "-E",
    "UTF8",
  ];
  await execa(bin("initdb"), initArgs, { cwd: data, ...owner });

  const port = await freePort();
  const settings = [
    "listen_addresses=127.0.0.1",
    `port=${port}`,
    `unix_socket_directories=${data}`,
    "fsync=off",
  ];
  const args = ["-D", cluster, ...settings.flatMap((setting) => ["-c", setting])];
  const isReady = ["-h", "127.0.0.1", "-p", String(port), "-q"];
  const daemon = new Daemon({ file: bin("postgres"), args, ...owner }, async () => {
    const { exitCode } = await execa(bin("pg_isready"), isReady, { reject: false });
    return exitCode === 0;
  });
  await daemon.start();
  return {
    url: `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres?sslmode=disable`,
    daemon,
    remove: async () => {
      await daemon.stop("SIGQUIT");
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** The ids to run under: none when the tests don't run as root, undefined when there is no user for root to become. */
function ids(): { uid?: number; gid?: number } | undefined {
  if (process.getuid?.() !== 0) return {};
  try {
    const id = (flag: string) =>
      Number(execFileSync("id", [flag, "postgres"], { stdio: ["ignore", "pipe", "ignore"] }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}
