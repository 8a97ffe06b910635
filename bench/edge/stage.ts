import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { buildLocally, publishImages, registryAddress } from "../../automation/images/index.ts";
import { asset } from "../../components/lib/assets.ts";
import { edgeFiles } from "../../components/edge/render/files.ts";
import { haproxyCfg } from "../../components/switch/haproxy-cfg.ts";
import { backendFile } from "../../test/support/backend.ts";
import { parse } from "../../config/parse.ts";

const DOMAIN = "maicivy.test";
const SWITCH = "/usr/local/etc/haproxy";
const TMPFS = ["--tmpfs", "/tmp", "--tmpfs", "/run", "--tmpfs", "/var/cache/nginx"];

/** Applications that are put behind: the sample page, and an Nginx that costs next to nothing. */
export type Application = "page" | "light";

/** Our edge with its switch, a plain Nginx and Caddy side by side in front of one application, on a network of their own. */
export class Stage {
  private readonly id = `fairlead-bench-${randomBytes(3).toString("hex")}`;
  private readonly folder = mkdtempSync(join(tmpdir(), "bench-edge-"));
  private readonly containers: string[] = [];
  readonly url = `https://${DOMAIN}/`;

  get asker(): string {
    return `${this.id}-asker`;
  }

  /** Host and port of a competitor as the asker sees it. */
  target(name: "edge" | "plain" | "caddy"): string {
    return `${name}:443`;
  }

  async start(application: Application): Promise<this> {
    await publishImages({ names: ["haproxy", "nginx", "frontend"], onProgress: () => undefined });
    const registry = await registryAddress();
    const image = (name: string, tag: string): string => `${registry}/${name}:${tag}`;
    const [nginx, haproxy] = [image("nginx", "1.26"), image("haproxy", "3.0")];
    const bench = await buildLocally("bench", () => undefined);
    this.write();
    const { folder } = this;
    await execa("docker", ["network", "create", this.id]);
    const mount = (from: string, to: string): string[] => ["-v", `${join(folder, from)}:${to}`];
    const nginxWith = (conf: string): string[] => ["-c", conf, "-g", "daemon off;"];
    if (application === "light")
      await this.run(
        "application",
        nginx,
        ["nginx", ...nginxWith("/conf/light.conf")],
        mount("conf", "/conf"),
      );
    else
      await this.run(
        "application",
        image("frontend", "1.0.0"),
        [],
        ["-e", "BACKEND_URL=http://application:1", "-e", "NODE_ENV=production", "-e", "PORT=3000"],
      );
    const haproxyFiles = ["haproxy", "-W", "-db", "-f", `${SWITCH}/haproxy.cfg`, "-f", `${SWITCH}/conf.d`];
    const sockets = mount("run", "/run/switch");
    await this.run("switch", haproxy, haproxyFiles, [...mount("switch", SWITCH), ...sockets, "-u", "99:99"]);
    const tls = mount("tls", "/etc/fairlead-tls");
    await this.run(
      "edge",
      nginx,
      ["nginx", ...nginxWith("/etc/fairlead/live/nginx.conf")],
      [...mount("edge", "/etc/fairlead"), ...tls, ...sockets, ...mount("spool", "/var/spool/nginx")],
    );
    await this.run(
      "plain",
      nginx,
      ["nginx", ...nginxWith("/conf/plain.conf")],
      [...mount("conf", "/conf"), ...tls],
    );
    await this.run(
      "caddy",
      bench,
      ["caddy", "run", "--config", "/conf/Caddyfile", "--adapter", "caddyfile"],
      [...mount("conf", "/conf"), ...mount("tls", "/tls"), "-e", "HOME=/tmp"],
    );
    await this.run("asker", bench, ["sleep", "infinity"], []);
    for (const name of ["edge", "plain", "caddy"] as const) await this.answers(name);
    return this;
  }

  async end(): Promise<void> {
    for (const name of this.containers) await execa("docker", ["rm", "-f", "-v", name], { reject: false });
    await execa("docker", ["network", "rm", this.id], { reject: false });
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(name: string, image: string, command: string[], options: string[]): Promise<void> {
    this.containers.push(`${this.id}-${name}`);
    const where = ["--name", `${this.id}-${name}`, "--network", this.id, "--network-alias", name];
    await execa("docker", ["run", "-d", "--read-only", ...where, ...TMPFS, ...options, image, ...command]);
  }

  /** Waits until a competitor passes a request on. */
  private async answers(name: "edge" | "plain" | "caddy"): Promise<void> {
    const ask = ["h2load", "--h1", "-n", "1", "-c", "1", `--connect-to=${this.target(name)}`, this.url];
    let said = "";
    for (let tries = 0; tries < 60; tries++) {
      said = (await execa("docker", ["exec", this.asker, ...ask], { reject: false })).stdout;
      if (/status codes: 1 2xx/.test(said)) return;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const log = await execa("docker", ["logs", `${this.id}-${name}`], { all: true });
    throw new Error(`${name} doesn't answer:\n${said}\n${log.all}`);
  }

  private write(): void {
    const { folder } = this;
    const settings = {
      domain: DOMAIN,
      images: "debian",
      apps: { web: { image: "web:1", port: 3000, routes: [{ path: "/" }] } },
      // All limits are at work, none is reached: the asker is one address.
      edge: { limits: { rate: "900000/s", burst: 100000, connections: 10000 } },
    };
    const raw = Object.entries(settings).map(([key, value]) => [
      `fairlead:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const { config } = parse("fairlead", "bench", Object.fromEntries(raw) as Record<string, string>);
    const put = (path: string, text: string): void => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    for (const [name, text] of Object.entries(edgeFiles({ ...config, httpsPort: 443 })))
      put(`edge/live/${name}`, text);
    put("switch/haproxy.cfg", haproxyCfg(config.trafficSwitch, 8, config.edge, config.monitoring));
    const web = { app: "web", domain: DOMAIN, port: 3000, health: config.apps.web!.health.path };
    put("switch/conf.d/web.cfg", backendFile(web, { s1: { host: "application", weight: 100 } }));
    for (const name of ["plain.conf", "light.conf", "Caddyfile"])
      cpSync(join(__dirname, name), join(folder, "conf", name));
    put("conf/tls.conf", asset("edge/tls.conf"));
    mkdirSync(join(folder, "tls"));
    for (const name of ["run", "spool"]) mkdirSync(join(folder, name));
    const pair = ["-keyout", join(folder, "tls/privkey.pem"), "-out", join(folder, "tls/fullchain.pem")];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    const name = ["-subj", `/CN=${DOMAIN}`, "-addext", `subjectAltName=DNS:${DOMAIN}`];
    execFileSync("openssl", ["req", "-x509", ...key, ...name, ...pair], { stdio: "ignore" });
    chmodSync(join(folder, "tls/privkey.pem"), 0o644);
    chmodSync(folder, 0o755);
    chmodSync(join(folder, "run"), 0o777);
  }
}
