import type * as pulumi from "@pulumi/pulumi";
import { databaseNames, type DatabaseNames, type DatabaseNeed } from "../../config/databases.ts";
import type { Database as Settings } from "../../config/schema/data.ts";
import { SERVICES } from "../../config/services.ts";
import { asset } from "../lib/assets.ts";
import { credential, secretUrl, type Credential, type Parts } from "../service/credential.ts";
import { postgresqlConf } from "./postgresql-conf.ts";
import { derived, type SecretValue } from "../lib/secret-value.ts";
import type { Server } from "../host/server.ts";
import { Service, type ServiceArgs } from "../service/service.ts";

/** Arguments of a {@link Database}. */
export interface DatabaseArgs {
  server: Server;
  settings: Settings;
  /** Image by digest. */
  image: pulumi.Input<string>;
  /** Password of the applications' login (`POSTGRES_PASSWORD`); those of databases of their own are made from it. */
  password: SecretValue;
  /** Databases that are one application's own. */
  own: OwnDatabase[];
}

/** A database of one application, and the variable that has its URL. */
export type OwnDatabase = Required<Pick<DatabaseNeed, "variable" | "own">>;

/** Seconds within which Postgres must be healthy, also after a reload. */
const WITHIN = 120;

/**
 * Postgres with a data volume (D1–D10), tuned to the memory that it gets. The data belongs to a role without login;
 * each password has a login of its own, so that old and new overlap while releases change.
 */
export class Database extends Service {
  /** `DATABASE_URL` for applications that share the stack's database (A6). */
  readonly credential: Credential;
  /** Credentials of databases that are one application's own, by the database's name. */
  readonly own: Readonly<Record<string, Credential>>;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super(name, postgres(args), opts, "fairlead:index:Database");
    this.credential = this.login(databaseNames(args.server.name, args.settings), args.password);
    this.own = Object.fromEntries(args.own.map((one) => [one.own.name, this.ownLogin(one, args.password)]));
    this.registerOutputs({});
  }

  private login({ name, owner }: DatabaseNames, password: SecretValue): Credential {
    const login = loginOf(owner, password);
    const input = {
      container: this.containerName,
      database: name,
      owner,
      login,
      password: password.value,
      closed: closedBeside(name),
    };
    const role = this.call(`login-${password.fingerprint}`, "database-login", input, this.ready);
    const url = (text: string): string => `postgres${address(login, text, name)}${PLAIN_TEXT}`;
    return credential(SERVICES.database.provides.variable, url, password, role, parts(login, name, password));
  }

  /** Database, owner and login of one application; its password comes from the stack's, and changes with it. */
  private ownLogin({ variable, own: { name, extensions } }: OwnDatabase, master: SecretValue): Credential {
    const password = derived(master, `database ${name}`);
    const login = loginOf(name, password);
    const input = {
      container: this.containerName,
      database: name,
      owner: name,
      login,
      password: password.value,
      extensions: [...extensions].sort(),
      closed: closedBeside(name),
    };
    const role = this.call(`${name}-login-${password.fingerprint}`, "database-login", input, this.ready);
    const url = (text: string): string => `postgresql${address(login, text, name)}${PLAIN_TEXT}`;
    return credential(variable, url, password, role, parts(login, name, password));
  }
}

const PORT = 5432;

/** There is no TLS on the private network, and some clients insist on it unless they are told. */
const PLAIN_TEXT = "?sslmode=disable";

/** Postgres's own databases, which show the names of all others, and into which everybody may write. */
function closedBeside(database: string): string[] {
  return ["postgres", "template1"].filter((name) => name !== database);
}

/** A role for each password, so that old and new overlap. */
function loginOf(owner: string, password: SecretValue): string {
  return `${owner}_${password.fingerprint.slice(0, 8)}`;
}

function address(login: string, password: string, database: string): string {
  return `://${login}:${password}@${SERVICES.database.alias}:${PORT}/${database}`;
}

function parts(login: string, name: string, password: SecretValue): Parts {
  const { alias: host } = SERVICES.database;
  const url = secretUrl((text) => `postgresql${address(login, text, name)}`, password);
  return { url, host, port: String(PORT), name, user: login };
}

function postgres({ server, settings, image }: DatabaseArgs): ServiceArgs {
  const names = databaseNames(server.name, settings);
  const folder = `${server.root}/database`;
  return {
    server,
    row: SERVICES.database,
    image,
    limits: { memory: settings.memory, cpus: settings.cpus, pids: 512, stop: 60 },
    tmpfs: TMPFS,
    user: "postgres",
    command: ["postgres", "-c", "config_file=/etc/fairlead/postgresql.conf"],
    envs: [`PGDATA=${DATA}`, `POSTGRES_DB=${names.name}`, "POSTGRES_HOST_AUTH_METHOD=trust"],
    shmSize: 256,
    stopSignal: "SIGINT",
    files: (service) => [configure(service, folder, settings)],
    mounts: [{ source: folder, target: "/etc/fairlead" }],
    volume: { name: "postgres_data", path: DATA },
    health: { test: check(names), interval: 10, timeout: 5, retries: 5, startPeriod: 60 },
    within: WITHIN,
  };
}

const DATA = "/var/lib/postgresql/data";

const TMPFS = {
  "/tmp": "rw,noexec,nosuid,size=64m",
  "/var/run/postgresql": "rw,noexec,nosuid,mode=1777,size=1m",
};

function check({ name, owner }: DatabaseNames): string[] {
  return ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", owner, "-d", name];
}

/** Writes the files, and has a running server take them over: it says what needs a restart. */
function configure(service: Service, folder: string, settings: Settings): pulumi.Resource {
  const files = service.writeFiles({
    directories: [{ path: folder, mode: "0755" }],
    files: [
      { path: `${folder}/postgresql.conf`, mode: "0644", content: postgresqlConf(settings) },
      { path: `${folder}/pg_hba.conf`, mode: "0644", content: asset("database/pg_hba.conf") },
    ],
  });
  const input = {
    container: service.containerName,
    within: WITHIN,
    files: files.stdin.apply((text) => text ?? ""),
  };
  return service.call("reload", "database", input, files);
}
