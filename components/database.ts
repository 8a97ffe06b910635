import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Database as Settings } from "../config/schema/data.ts";
import { databaseNames } from "./claim.ts";
import { credential, type Credential } from "./credential.ts";
import { hardened, healthcheck, IGNORED_BY_PROVIDER, readOnlyMount } from "./hardened.ts";
import { hostCommand } from "./host-command.ts";
import { asset } from "./assets.ts";
import { postgresqlConf } from "./render/database.ts";
import { dataVolume, onServer, type Server } from "./server.ts";
import type { SecretValue } from "./secret-value.ts";

/** Arguments of a {@link Database}. */
export interface DatabaseArgs {
  server: Server;
  settings: Settings;
  /** Image by digest. */
  image: pulumi.Input<string>;
  /** Password of the applications' login (`POSTGRES_PASSWORD`). */
  password: SecretValue;
}

/**
 * Postgres with a data volume (D1–D10), tuned to the memory that it gets. The data belongs to a role without login;
 * each password has a login of its own, so that old and new overlap while releases change.
 */
export class Database extends pulumi.ComponentResource {
  /** `DATABASE_URL` for applications (A6). */
  readonly credential: Credential;

  constructor(
    name: string,
    { server, settings, image, password }: DatabaseArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("fairlead:index:Database", name, {}, opts);
    const { name: database, owner } = databaseNames(server.name, settings);
    const containerName = `${server.name}_postgres`;
    const gate = { container: containerName, pids: 512, within: 120 };
    const files = this.files(name, server, settings, containerName);
    const container = this.container(name, {
      server,
      settings,
      image,
      containerName,
      database,
      owner,
      files,
    });
    const ready = hostCommand(
      `${name}-gate`,
      { verb: "gate", input: { ...gate, id: container.id } },
      server,
      { parent: this, dependsOn: container },
    );

    const login = `${owner}_${password.fingerprint.slice(0, 8)}`;
    const input = { container: containerName, database, owner, login, password: password.value };
    const role = hostCommand(
      `${name}-login-${password.fingerprint}`,
      { verb: "login", undo: "logout", input },
      server,
      { parent: this, dependsOn: ready },
    );
    const url = (text: string): string =>
      `postgres://${login}:${text}@postgres:5432/${database}?sslmode=disable`;
    this.credential = credential("DATABASE_URL", url, password, role);
    this.registerOutputs({});
  }

  private files(name: string, server: Server, settings: Settings, container: string): pulumi.Resource {
    const folder = `${server.root}/database`;
    const input = {
      name: "database",
      directories: [{ path: folder, mode: "0755" }],
      files: [
        { path: `${folder}/postgresql.conf`, mode: "0644", content: postgresqlConf(settings) },
        { path: `${folder}/pg_hba.conf`, mode: "0644", content: asset("database/pg_hba.conf") },
      ],
    };
    const files = hostCommand(`${name}-files`, { verb: "apply", undo: "remove", input }, server, {
      parent: this,
    });
    // After the files: a running server takes them over, and says what it couldn't without a restart.
    return hostCommand(
      `${name}-reload`,
      { verb: "reload-database", input: { container, within: 120, files: files.stdin } },
      server,
      { parent: this, dependsOn: files },
    );
  }

  private container(
    name: string,
    args: {
      server: Server;
      settings: Settings;
      image: pulumi.Input<string>;
      containerName: string;
      database: string;
      owner: string;
      files: pulumi.Resource;
    },
  ): docker.Container {
    const { server, settings } = args;
    const image = new docker.RemoteImage(
      name,
      { name: args.image, keepLocally: true },
      onServer(server, this),
    );
    const volume = dataVolume(name, `${server.name}_postgres_data`, server, this);
    return new docker.Container(
      name,
      {
        ...hardened({
          ...{
            memory: settings.memory,
            cpus: settings.cpus,
            stop: 60,
            service: "postgres",
            app: server.name,
          },
          tmpfs: {
            "/tmp": "rw,noexec,nosuid,size=64m",
            "/var/run/postgresql": "rw,noexec,nosuid,mode=1777,size=1m",
          },
        }),
        name: args.containerName,
        image: image.imageId,
        user: "postgres",
        command: ["postgres", "-c", "config_file=/etc/fairlead/postgresql.conf"],
        envs: [
          "PGDATA=/var/lib/postgresql/data",
          `POSTGRES_DB=${args.database}`,
          "POSTGRES_HOST_AUTH_METHOD=trust",
        ],
        shmSize: 256,
        stopSignal: "SIGINT",
        networksAdvanced: [{ name: server.network, aliases: ["postgres"] }],
        volumes: [{ volumeName: volume.name, containerPath: "/var/lib/postgresql/data" }],
        mounts: [readOnlyMount(`${server.root}/database`, "/etc/fairlead")],
        healthcheck: healthcheck(
          ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", args.owner, "-d", args.database],
          {
            ...{ interval: 10, timeout: 5, retries: 5, startPeriod: 60 },
          },
        ),
      },
      onServer(server, this, {
        deleteBeforeReplace: true,
        replaceOnChanges: IGNORED_BY_PROVIDER,
        dependsOn: args.files,
      }),
    );
  }
}
