import { execa, type ResultPromise } from "execa";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildLocally } from "../../../automation/images/index.ts";

/** What a client of a provider's API asked. */
export interface ApiRequest {
  method: string;
  /** Path and query, as they came. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface ApiAnswer {
  status: number;
  type: string;
  body: string;
}

/** A provider's API: refuses what isn't signed by its credentials, and changes a zone that is really served. */
export interface Provider {
  readonly host: string;
  /** What its plugin needs, by name of the secret. */
  readonly credentials: Record<string, string>;
  answer(request: ApiRequest): Promise<ApiAnswer>;
}

/** Where a provider's records become visible: these are all TXT records of a name from now on. */
export type Publish = (name: string, values: string[], ttl: number) => Promise<void>;

/** What the relay says is read as it comes, and not kept. */
const STREAMED = { reject: false, buffer: { stdout: false } } as const;

/**
 * Stands in for the APIs of DNS providers on a box's network, under their own names. Their logic is in this process;
 * the container only ends TLS, so that no port of this machine and nothing in the box's own resolution is touched.
 */
export class DnsApi {
  /** Each request with the status that it got: what to look at when a plugin fails. */
  readonly log: string[] = [];
  private readonly name = `dns-api-${randomBytes(3).toString("hex")}`;
  private relay?: ResultPromise<typeof STREAMED>;
  /** What clients must trust (PEM). */
  certificate = "";

  constructor(private readonly providers: Provider[]) {}

  async start(): Promise<void> {
    const image = await buildLocally("node", () => undefined);
    const hosts = this.providers.map(({ host }) => host);
    const { key, cert } = await pair(hosts);
    const options = ["--rm", "--interactive", "--name", this.name, "--network", "fairlead"];
    const aliases = hosts.flatMap((host) => ["--network-alias", host]);
    const program = ["--input-type=module", "--eval", readFileSync(join(__dirname, "relay.mjs"), "utf8")];
    const relay = execa("docker", ["run", ...options, ...aliases, image, "node", ...program], STREAMED);
    this.relay = relay;
    relay.stdin.write(`${JSON.stringify({ key, cert })}\n`);
    const ready = new Promise<void>((done) =>
      createInterface({ input: relay.stdout }).on("line", (line) => {
        const asked = JSON.parse(line) as ApiRequest & { id: number };
        if (asked.id === 0) done();
        else void this.answer(asked).then((text) => relay.stdin.write(`${text}\n`));
      }),
    );
    const ended = relay.then(({ stderr }) => Promise.reject(new Error(`${this.name} ended: ${stderr}`)));
    // Later it is the plugins that miss it, and the log tells.
    ended.catch(() => undefined);
    await Promise.race([ready, ended]);
    this.certificate = cert;
  }

  async remove(): Promise<void> {
    this.relay?.stdin?.end();
    await execa("docker", ["rm", "--force", this.name], { reject: false });
    await this.relay;
  }

  private async answer({ id, ...request }: ApiRequest & { id: number }): Promise<string> {
    const host = request.headers.host ?? "";
    const answer = await this.ask(host, request);
    this.log.push(`${request.method} ${host}${request.path}: ${answer.status}`);
    if (answer.status >= 400) this.log.push(`  ${answer.body}`);
    return JSON.stringify({ id, ...answer });
  }

  private async ask(host: string, request: ApiRequest): Promise<ApiAnswer> {
    const provider = this.providers.find((one) => one.host === host);
    if (!provider) return { status: 421, type: "text/plain", body: `no API at ${host}` };
    return provider
      .answer(request)
      .catch((error) => ({ status: 500, type: "text/plain", body: String(error) }));
  }
}

/** Key and certificate for some names, which is its own authority. */
async function pair(hosts: string[]): Promise<{ key: string; cert: string }> {
  const names = `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(",")}`;
  const { stdout } = await execa("openssl", [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=dns-api",
    "-addext",
    names,
    "-keyout",
    "-",
    "-out",
    "-",
  ]);
  const block = (kind: string): string =>
    new RegExp(`-----BEGIN ${kind}-----[^]+-----END ${kind}-----\n?`).exec(stdout)![0];
  return { key: block("PRIVATE KEY"), cert: block("CERTIFICATE") };
}
