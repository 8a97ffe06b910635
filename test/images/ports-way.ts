import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { execa } from "execa";
import { DOORWAY_CAPABILITIES } from "../../components/switch/doorway.ts";
import { doorwayCfg } from "../../components/switch/doorway-cfg.ts";
import { haproxyCfg } from "../../components/switch/haproxy-cfg.ts";
import { parsed } from "../support/settings.ts";
import { docker, PREFIX, until } from "./support.ts";

const TOOLS = join(__dirname, "../../assets/host");
const APPLY = `
import json, sys
sys.path.insert(0, sys.argv[1])
from fairlead import traffic
from fairlead.lib.errors import HostError
try:
    print(json.dumps(traffic.apply(json.load(sys.stdin))))
except HostError as error:
    sys.exit(str(error))
`;

/** Answers who it is, and then whatever it is told, byte by byte. */
const MAIL = `
import socketserver, sys, threading, time

class Mail(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(sys.argv[1].encode() + b"\\n")
        while piece := self.request.recv(4096):
            self.request.sendall(piece)

socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer.daemon_threads = True
for port in sys.argv[2:]:
    threading.Thread(target=socketserver.ThreadingTCPServer(("", int(port)), Mail).serve_forever).start()
`;

/** The real switch and the real doorway, with the host tools at work on them, and applications of one line. */
export class Way {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-ports-"));
  private readonly network = `${PREFIX}-ports`;
  private readonly containers: Docker.Container[] = [];
  private doorway: Docker.Container | undefined;

  constructor(private readonly images: Record<string, string>) {}

  async start(): Promise<void> {
    chmodSync(this.folder, 0o755);
    for (const name of ["conf", "conf/conf.d", "run", "doorway", "doorway-run"])
      mkdirSync(join(this.folder, name), { mode: 0o755 });
    chownSync(join(this.folder, "run"), 99, 99);
    const { trafficSwitch, edge, monitoring } = parsed().config;
    writeFileSync(join(this.folder, "conf/haproxy.cfg"), haproxyCfg(trafficSwitch, 8, edge, monitoring));
    await docker.createNetwork({ Name: this.network });
    const container = await this.run(`${PREFIX}-switch`, this.images.haproxy!, {
      User: "99:99",
      Cmd: [...HAPROXY, "-f", `${CONFIG}/conf.d`],
      HostConfig: {
        NetworkMode: this.network,
        Binds: [`${this.folder}/conf:${CONFIG}:ro`, `${this.folder}/run:/run/switch`],
      },
      NetworkingConfig: { EndpointsConfig: { [this.network]: { Aliases: ["switch"] } } },
    });
    await until(container, 10, "test", "-S", "/run/switch/_admin.sock");
  }

  /** An application's container, whose name it answers with. */
  async release(name: string, ports: number[]): Promise<Docker.Container> {
    return this.run(name, this.images.box!, {
      Entrypoint: ["python3"],
      Cmd: ["-c", MAIL, name, ...ports.map(String)],
      HostConfig: { NetworkMode: this.network },
    });
  }

  /** Moves the traffic of `mail` as an update does. */
  async move(
    ports: { port: number; to: number; proxy?: boolean }[],
    container: string,
    settings: { drain?: number; within?: number } = {},
  ): Promise<void> {
    const spec = {
      app: "mail",
      container: `${PREFIX}-switch`,
      socket: `${this.folder}/run/_admin.sock`,
      file: `${this.folder}/conf/conf.d/mail.cfg`,
      domain: "example.test",
      port: ports[0]!.to,
      within: 20,
      drain: 1,
      ports,
      releases: [{ name: container, weight: 100, containers: [container] }],
      ...settings,
    };
    await execa("python3", ["-B", "-c", APPLY, TOOLS], { input: JSON.stringify(spec) });
  }

  /** Opens the doorway for ports of `mail`, or has the one that runs read another list. */
  async open(ports: number[]): Promise<void> {
    const { trafficSwitch: settings, edge } = parsed().config;
    const { apps } = parsed({ apps: { mail: { image: "example.test/mail:1", ports } } }).config;
    writeFileSync(join(this.folder, "doorway/haproxy.cfg"), doorwayCfg({ apps, settings, edge }));
    if (this.doorway) {
      await this.doorway.kill({ signal: "SIGUSR2" });
      return;
    }
    this.doorway = await this.run(`${PREFIX}-doorway`, this.images.haproxy!, {
      User: "0:0",
      WorkingDir: "/",
      Cmd: HAPROXY,
      HostConfig: {
        NetworkMode: "host",
        CapDrop: ["ALL"],
        CapAdd: DOORWAY_CAPABILITIES,
        ReadonlyRootfs: true,
        SecurityOpt: ["no-new-privileges"],
        Binds: [
          `${this.folder}/doorway:${CONFIG}:ro`,
          `${this.folder}/doorway-run:/run/doorway`,
          `${this.folder}/run:/run/switch:ro`,
        ],
      },
    });
  }

  /** Processes of the doorway beside its master. */
  async workers(): Promise<number> {
    const { Processes } = (await this.doorway!.top()) as { Processes: string[][] };
    return Processes.length - 1;
  }

  async remove(): Promise<void> {
    await Promise.all(this.containers.map((one) => one.remove({ force: true, v: true })));
    await docker.getNetwork(this.network).remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(
    name: string,
    image: string,
    options: Docker.ContainerCreateOptions,
  ): Promise<Docker.Container> {
    const container = await docker.createContainer({ name, Image: image, ...options });
    this.containers.push(container);
    await container.start();
    return container;
  }
}

const CONFIG = "/usr/local/etc/haproxy";
const HAPROXY = ["haproxy", "-W", "-db", "-f", `${CONFIG}/haproxy.cfg`];

/** A connection of a visitor, read by lines. */
export class Visitor {
  private text = "";
  private readonly ended: Promise<void>;

  constructor(readonly socket: Socket) {
    socket.setEncoding("latin1");
    socket.on("data", (piece: string) => (this.text += piece));
    this.ended = new Promise((done) => socket.on("close", () => done()));
    socket.on("error", () => undefined);
  }

  static to(port: number, host = "127.0.0.1"): Visitor {
    return new Visitor(connect({ port, host }));
  }

  /** The next line; throws when the connection ends before it. */
  async line(): Promise<string> {
    let over = false;
    void this.ended.then(() => (over = true));
    while (!this.text.includes("\n")) {
      if (over) throw new Error(`the connection ended after "${this.text}"`);
      await new Promise((done) => setTimeout(done, 5));
    }
    const at = this.text.indexOf("\n");
    const line = this.text.slice(0, at);
    this.text = this.text.slice(at + 1);
    return line;
  }

  /** The next bytes, so many. */
  async take(count: number): Promise<Buffer> {
    while (this.text.length < count) await new Promise((done) => setTimeout(done, 5));
    const bytes = Buffer.from(this.text.slice(0, count), "latin1");
    this.text = this.text.slice(count);
    return bytes;
  }

  /** Says a word, and returns what comes back. */
  async echo(word: string): Promise<string> {
    this.socket.write(`${word}\n`);
    return this.line();
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A port that nothing on this machine has, above or below 1024. */
export async function freePort(candidates: readonly number[] = [0]): Promise<number> {
  for (const port of candidates) {
    const found = await new Promise<number | undefined>((done) => {
      const server = createServer();
      server.on("error", () => done(undefined));
      server.listen({ port, host: "::" }, () => {
        const { port: taken } = server.address() as AddressInfo;
        server.close(() => done(taken));
      });
    });
    if (found !== undefined) return found;
  }
  throw new Error(`none of ${candidates.join(", ")} is free`);
}
