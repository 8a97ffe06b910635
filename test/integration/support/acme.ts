import { execa } from "execa";
import { randomBytes } from "node:crypto";
import { connect, type PeerCertificate } from "node:tls";
import { buildLocally } from "../../../automation/images/index.ts";

/** A certificate authority that speaks ACME, and the name server that it asks, on a box's network. */
export class AcmeServer {
  private readonly name = `acme-${randomBytes(3).toString("hex")}`;

  /** @param zone everything in it leads to the box at `address` */
  constructor(
    private readonly zone: string,
    private readonly address: string,
  ) {}

  async start(): Promise<void> {
    const image = await buildLocally("pebble", () => undefined);
    const options = ["--detach", "--name", this.name, "--network", "fairlead", "--network-alias", "pebble"];
    await execa("docker", ["run", ...options, image, this.zone, this.address]);
    const end = Date.now() + 60_000;
    const answers = ["14000/dir", "14001/dir", "15000/roots/0", "15001/roots/0"];
    const ask = ["curl", "-fsSk", "--fail-early", ...answers.map((path) => `https://localhost:${path}`)];
    while ((await this.exec(ask)).failed) {
      if (Date.now() > end) throw new Error((await execa("docker", ["logs", this.name])).stderr);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async remove(): Promise<void> {
    await execa("docker", ["rm", "--force", this.name], { reject: false });
  }

  /** What connects to the directories must trust (PEM). */
  async caCertificate(): Promise<string> {
    return (await this.exec(["cat", "/etc/pebble/server.pem"])).stdout;
  }

  /** Root of the certificates of a directory (PEM). */
  async root(life: Life): Promise<string> {
    return (
      await this.exec(["curl", "-fsSk", `https://localhost:${life === "long" ? 15000 : 15001}/roots/0`])
    ).stdout;
  }

  /** `long` issues for 90 days, `short` for 40 seconds. */
  directory(life: Life): string {
    return `https://pebble:${life === "long" ? 14000 : 14001}/dir`;
  }

  /** What a DNS plugin needs for changing the zone (RFC 2136, RFC 8945). */
  async dnsKey(): Promise<{ server: string; name: string; algorithm: string; secret: string }> {
    const { stdout: text } = await this.exec(["cat", "/etc/bind/key.conf"]);
    const format = "{{.NetworkSettings.Networks.fairlead.IPAddress}}";
    const { stdout: server } = await execa("docker", ["inspect", "--format", format, this.name]);
    const secret = /secret "([^"]+)"/.exec(text)![1]!;
    return { server, name: "acme", algorithm: "HMAC-SHA256", secret };
  }

  /** Lets everything in the zone lead elsewhere, or back to the box. */
  async pointTo(address: string = this.address): Promise<void> {
    const names = [this.zone, `*.${this.zone}`];
    await this.update(names.flatMap((name) => [`delete ${name} A`, `add ${name} 1 A ${address}`]));
  }

  /** Makes these all the TXT records of a name; without any the name is removed. */
  async publish(name: string, values: string[], ttl: number): Promise<void> {
    const records = values.map((value) => `add ${name} ${ttl} TXT ${JSON.stringify(value)}`);
    await this.update([`delete ${name} TXT`, ...records]);
  }

  /** The TXT records of a name, as the name server answers. */
  async txt(name: string): Promise<string[]> {
    const { stdout, failed, stderr } = await this.exec(["dig", "+short", "@127.0.0.1", name, "TXT"]);
    if (failed) throw new Error(stdout + stderr);
    return stdout.split("\n").filter(Boolean);
  }

  /** All of it at once, or nothing (RFC 2136). */
  private async update(changes: string[]): Promise<void> {
    const lines = ["server 127.0.0.1", `zone ${this.zone}`, ...changes.map((one) => `update ${one}`), "send"];
    const result = await this.exec(["nsupdate", "-k", "/etc/bind/key.conf"], `${lines.join("\n")}\n`);
    if (result.failed) throw new Error(result.stderr);
  }

  private async exec(
    argv: string[],
    input = "",
  ): Promise<{ failed: boolean; stdout: string; stderr: string }> {
    return execa("docker", ["exec", "--interactive", this.name, ...argv], { reject: false, input });
  }
}

type Life = "long" | "short";

/** The certificate that a name shows at an address, whether it is trusted or not. */
export function shown(
  { hostname, port }: URL,
  ca?: string,
): Promise<{ certificate: PeerCertificate; trusted: true | string }> {
  return new Promise((done, fail) => {
    const options = {
      host: "127.0.0.1",
      port: Number(port),
      servername: hostname,
      ca,
      rejectUnauthorized: false,
    };
    const socket = connect(options, () => {
      const trusted = socket.authorized || String(socket.authorizationError);
      done({ certificate: socket.getPeerCertificate(), trusted });
      socket.destroy();
    });
    socket.once("error", fail);
    socket.setTimeout(10_000, () => socket.destroy(new Error(`${hostname} doesn't answer`)));
  });
}
