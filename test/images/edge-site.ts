import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect as connectH2, type ClientHttp2Session } from "node:http2";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { fixedLookup } from "../../automation/lib/probe.ts";
import { userFiles } from "../../components/edge/render/auth.ts";
import { edgeFiles } from "../../components/edge/render/files.ts";
import { longestSilence, speaksGrpc } from "../../config/places.ts";
import { siteNames } from "../../components/edge/names.ts";
import { haproxyCfg } from "../../components/switch/haproxy-cfg.ts";
import { backendFile, withoutServers } from "../support/backend.ts";
import { writeUsers } from "../support/users.ts";
import type { StackConfig } from "../../config/schema/index.ts";
import { application, config as settings, upgraded } from "./edge-application.ts";
import { cleanUp, docker, log, PREFIX, published, run } from "./support.ts";

/** What the edge answered. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

const SWITCH_CONFIG = "/usr/local/etc/haproxy";

/** One for the tests of a group: there before them, gone after them. */
export function edgeSite(config = settings(), disk?: string, elsewhere: string[] = []): EdgeSite {
  const site = new EdgeSite(config, disk, elsewhere);
  before("the edge and the switch", async function () {
    this.timeout(300_000);
    await site.start();
  });
  after("nothing left", async () => {
    await site.end();
    await cleanUp();
  });
  return site;
}

/** The real edge and the real switch with rendered configuration, in front of one server in this process. */
export class EdgeSite {
  /** Its files; made when it starts. */
  folder = "";
  /** Passwords of visitors, by the names of their secrets. */
  passwords: Record<string, string> = {};
  private images: Record<string, string> = {};
  private readonly containers: Docker.Container[] = [];
  private readonly application: Server;
  private network?: Docker.Network;
  private agent = new Agent();
  address = "";
  /** This machine, as the containers see it. */
  gateway = "";

  /**
   * @param disk size of the disk for what is under way, such as `4m`; that of this machine when absent
   * @param elsewhere applications that aren't this process: each answers on `run/<name>.socket` of {@link folder}
   */
  constructor(
    private config: StackConfig,
    private readonly disk?: string,
    private readonly elsewhere: string[] = [],
  ) {
    this.application = createServer({ keepAliveTimeout: 60_000, maxHeaderSize: 256 * 1024 }, application).on(
      "upgrade",
      upgraded,
    );
  }

  /** What a visitor has to trust (PEM). */
  get certificate(): string {
    return readFileSync(join(this.folder, "tls", "fullchain.pem"), "utf8");
  }

  get edge(): Docker.Container {
    return this.containers[1]!;
  }

  /** Starts everything and waits until the switch finds the application healthy. */
  async start(): Promise<void> {
    this.images = await published(["haproxy", "nginx"]);
    this.folder = mkdtempSync(join(tmpdir(), "edge-"));
    const { folder, config } = this;
    chmodSync(folder, 0o755);
    for (const name of ["run", "tls", "spool", "switch/conf.d"])
      mkdirSync(join(folder, name), { recursive: true });
    chmodSync(join(folder, "run"), 0o777);
    await this.open();
    this.writeEdge("live", config);
    this.writeSwitch(config);
    for (const [name, app] of Object.entries(config.apps)) {
      const socket = this.elsewhere.includes(name) ? name : "application";
      const grpc = speaksGrpc(config, name);
      const options = `check inter 200ms fall 1 rise 1${grpc ? " proto h2" : ""}`;
      const server = `  server s1 unix@/run/switch/${socket}.socket ${options}\n`;
      const { domain } = config;
      const file = backendFile({ app: name, domain, port: app.port!, health: app.health.path, grpc });
      writeFileSync(join(folder, "switch", "conf.d", `${name}.cfg`), withoutServers(file) + server);
    }
    const names = siteNames(config);
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"].concat(
        [
          "-subj",
          `/CN=${names[0]}`,
          "-addext",
          `subjectAltName=${names.map((name) => `DNS:${name}`).join()}`,
        ],
        ["-keyout", join(folder, "tls/privkey.pem"), "-out", join(folder, "tls/fullchain.pem")],
      ),
      { stdio: "ignore" },
    );
    // Names are looked up on a network of our own only: Docker's default one has no DNS.
    this.network = await docker.createNetwork({ Name: this.networkName });
    const sockets = `${folder}/run:/run/switch`;
    const files = ["-f", `${SWITCH_CONFIG}/haproxy.cfg`, "-f", `${SWITCH_CONFIG}/conf.d`];
    await this.container("switch", "haproxy", ["haproxy", "-W", "-db", ...files], {
      Binds: [`${folder}/switch:${SWITCH_CONFIG}:ro`, sockets],
    });
    await this.container(
      "edge",
      "nginx",
      ["nginx", "-c", "/etc/fairlead/live/nginx.conf", "-g", "daemon off;"],
      {
        Binds: [
          `${folder}/edge:/etc/fairlead:ro`,
          `${folder}/tls:/etc/fairlead-tls:ro`,
          sockets,
          ...(this.disk ? [] : [`${folder}/spool:/var/spool/nginx`]),
        ],
        Tmpfs: {
          "/tmp": "size=1m",
          "/run": "size=1m",
          ...(this.disk ? { "/var/spool/nginx": `size=${this.disk}` } : {}),
        },
        // On a network without IPv6, Docker switches it off altogether.
        Sysctls: { "net.ipv6.conf.lo.disable_ipv6": "0" },
      },
    );
    const { Networks } = (await this.edge.inspect()).NetworkSettings;
    ({ IPAddress: this.address, Gateway: this.gateway } = Networks[this.networkName]!);
    // Workers read the pair at each handshake.
    chmodSync(join(folder, "tls", "privkey.pem"), 0o644);
    this.agent = new Agent({ keepAlive: true, ca: this.certificate, lookup: fixedLookup(this.address) });
    await this.until(200);
  }

  /** Waits until the health path answers so. */
  async until(status: number): Promise<void> {
    const end = Date.now() + 15_000;
    let found = "";
    while (Date.now() < end) {
      found = await this.ask("/health").then(
        (answer) => String(answer.status),
        (error: Error) => error.message,
      );
      if (found === String(status)) return;
      await sleep(100);
    }
    const logs = await Promise.all(this.containers.map(log));
    throw new Error(`/health answers ${found}, not ${status}\n${logs.join("\n")}`);
  }

  /** Puts another configuration in place, tested by the real binary, and reloads. */
  async use(config: StackConfig, httpsPort = 443): Promise<void> {
    this.config = config;
    this.writeEdge("next", config, httpsPort);
    const tested = await run(this.edge, "nginx", "-t", "-c", "/etc/fairlead/next/nginx.conf");
    if (tested.code !== 0) throw new Error(tested.out);
    this.writeEdge("live", config, httpsPort);
    const before = await this.workers();
    await run(this.edge, "nginx", "-c", "/etc/fairlead/live/nginx.conf", "-s", "reload");
    if (this.writeSwitch(config)) await run(this.containers[0]!, "sh", "-c", "kill -USR2 1");
    this.agent.destroy();
    await sleep(500);
    const end = Date.now() + 15_000;
    for (let now = before; now.some((worker) => before.includes(worker)); now = await this.workers()) {
      if (Date.now() > end) throw new Error(`the edge has not reloaded within 15 s\n${await this.log()}`);
      await sleep(100);
    }
  }

  /** Process ids of the workers that take connections. */
  private async workers(): Promise<string[]> {
    const { Processes } = (await this.edge.top({ ps_args: "-eo pid,args" })) as { Processes: string[][] };
    return Processes.filter(([, command]) => command === "nginx: worker process").map(([pid]) => pid!);
  }

  ask(
    path: string,
    options: {
      name?: string;
      method?: string;
      headers?: Record<string, string>;
      body?: string | Buffer;
    } = {},
  ): Promise<Answer> {
    const { name = this.config.domain, method = "GET", headers = {}, body } = options;
    return new Promise((done, fail) => {
      const url = `https://${name}${path}`;
      const outgoing = request(
        url,
        { agent: this.agent, servername: name, method, headers, timeout: 10_000, maxHeaderSize: 1024 ** 2 },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on("data", (part: Buffer) => parts.push(part));
          answer.on("error", fail);
          answer.on("end", () =>
            done({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(parts) }),
          );
        },
      );
      outgoing.on("timeout", () => outgoing.destroy(new Error(`${path}: no answer within 10 s`)));
      outgoing.on("error", fail);
      outgoing.end(body);
    });
  }

  /** A connection that speaks HTTP/2. */
  http2(): ClientHttp2Session {
    const lookup = fixedLookup(this.address);
    return connectH2("https://maicivy.test", { lookup, rejectUnauthorized: false });
  }

  /** What the edge or the switch has logged lately. */
  async log(who: "edge" | "switch" = "edge"): Promise<string> {
    await sleep(1200);
    return log(who === "edge" ? this.edge : this.containers[0]!, 2000);
  }

  /** Lets the application answer, or be gone. */
  open(): Promise<void> {
    const socket = join(this.folder, "run", "application.socket");
    return new Promise((done) =>
      this.application.listen(socket, () => {
        chmodSync(socket, 0o777);
        done();
      }),
    );
  }

  close(): Promise<void> {
    return new Promise((done) => {
      this.application.close(() => done());
      this.application.closeAllConnections();
    });
  }

  /** Leaves nothing behind, also of a start that failed. */
  async end(): Promise<void> {
    this.agent.destroy();
    if (this.application.listening) await this.close();
    for (const container of this.containers) await container.remove({ force: true });
    await this.network?.remove();
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }

  private writeEdge(name: string, config: StackConfig, httpsPort = 443): void {
    rmSync(join(this.folder, "edge", name), { recursive: true, force: true });
    for (const [file, text] of Object.entries(edgeFiles({ ...config, httpsPort }))) {
      const path = join(this.folder, "edge", name, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    writeUsers(join(this.folder, "edge", "users"), userFiles({ ...config, httpsPort }), this.passwords);
  }

  /** Whether HAProxy's file has changed. */
  private writeSwitch(config: StackConfig): boolean {
    const { trafficSwitch, monitoring } = config;
    const edge = { ...config.edge, proxyTimeout: longestSilence(config) };
    const path = join(this.folder, "switch", "haproxy.cfg");
    const cfg = haproxyCfg(trafficSwitch, 8, edge, monitoring).replace("mode 600 level", "mode 666 level");
    if (existsSync(path) && readFileSync(path, "utf8") === cfg) return false;
    writeFileSync(path, cfg);
    return true;
  }

  private get networkName(): string {
    return `${PREFIX}-${basename(this.folder).toLowerCase()}`;
  }

  private async container(
    alias: string,
    image: string,
    command: string[],
    host: Docker.HostConfig,
  ): Promise<void> {
    const container = await docker.createContainer({
      name: `${this.networkName}-${alias}`,
      Image: this.images[image],
      User: image === "haproxy" ? "99:99" : "root",
      Entrypoint: command.slice(0, 1),
      Cmd: command.slice(1),
      HostConfig: {
        ReadonlyRootfs: true,
        SecurityOpt: ["no-new-privileges"],
        // As a stack has them.
        Memory: (image === "nginx" ? this.config.edge : this.config.trafficSwitch).memory,
        MemorySwap: (image === "nginx" ? this.config.edge : this.config.trafficSwitch).memory,
        NetworkMode: this.networkName,
        ...host,
      },
      NetworkingConfig: { EndpointsConfig: { [this.networkName]: { Aliases: [alias] } } },
    });
    this.containers.push(container);
    await container.start();
  }
}
