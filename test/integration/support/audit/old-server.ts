import { execFileSync } from "node:child_process";
import { getDiffieHellman } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttps, type Server as Https } from "node:https";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Configuration of `openssl ca`, the only command of OpenSSL 3.0 that makes a certificate for a time in the past. */
const AUTHORITY = `
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
subjectAltName = DNS:old.test
tlsfeature = status_request
`;

/** Oakley group 2 (RFC 2409 6.2), 1024 bits, as PKCS #3 parameters. */
function shortGroup(): string {
  const prime = getDiffieHellman("modp2").getPrime();
  const body = Buffer.concat([Buffer.from([0x02, 0x81, 0x81, 0x00]), prime, Buffer.from([0x02, 0x01, 0x02])]);
  const der = Buffer.concat([Buffer.from([0x30, 0x81, body.length]), body]);
  return `-----BEGIN DH PARAMETERS-----\n${der.toString("base64")}\n-----END DH PARAMETERS-----\n`;
}

/**
 * A server that was neglected for years: its certificate has expired and demands stapling, its DHE key is short, it
 * echoes TRACE, and its hellos are those of a TLS library of 2009, which compresses and doesn't protect renegotiation.
 * No library of today does the last two, so a relay in front puts them into a real server's hellos.
 */
export class OldServer {
  port = 0;
  private readonly folder = mkdtempSync(join(tmpdir(), "old-"));
  private readonly sockets = new Set<Socket>();
  private behind?: Https;
  private front?: Server;

  async start(): Promise<void> {
    const pair = this.pair();
    const ciphers = "ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0";
    this.behind = createHttps(
      { ...pair, ciphers, dhparam: shortGroup(), honorCipherOrder: true, maxVersion: "TLSv1.2" },
      // RFC 9110 9.3.8: a server that allows TRACE sends back what it got.
      ({ method, url }, answer) => answer.end(method === "TRACE" ? `TRACE ${url} HTTP/1.1\r\n` : "old"),
    );
    this.behind.on("tlsClientError", () => undefined);
    const port = await listening(this.behind);
    this.front = createServer((visitor) => this.relay(visitor, port));
    this.port = await listening(this.front);
  }

  stop(): void {
    this.front?.close();
    this.behind?.close();
    for (const socket of this.sockets) socket.destroy();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private pair(): { key: Buffer; cert: Buffer } {
    const openssl = (...args: string[]): unknown =>
      execFileSync("openssl", args, { cwd: this.folder, stdio: "pipe" });
    writeFileSync(join(this.folder, "ca.conf"), AUTHORITY);
    writeFileSync(join(this.folder, "index.txt"), "");
    const request = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=old.test"];
    openssl("req", ...request, "-keyout", "key.pem", "-out", "request.pem");
    const life = ["-startdate", "20240101000000Z", "-enddate", "20240331000000Z"];
    const own = ["-selfsign", "-keyfile", "key.pem", "-in", "request.pem", "-out", "cert.pem"];
    openssl("ca", "-batch", "-notext", "-config", "ca.conf", ...own, ...life);
    const read = (name: string): Buffer => readFileSync(join(this.folder, name));
    return { key: read("key.pem"), cert: read("cert.pem") };
  }

  /** The first message of each side is a hello and comes whole; what follows goes through as it is. */
  private relay(visitor: Socket, port: number): void {
    const server = connect({ host: "127.0.0.1", port });
    let compresses = false;
    visitor.once("data", (hello: Buffer) => {
      compresses = offersDeflate(hello);
      server.write(withoutRenegotiation(hello));
      visitor.pipe(server);
    });
    server.once("data", (hello: Buffer) => {
      visitor.write(compresses ? withDeflate(hello) : hello);
      server.pipe(visitor);
    });
    for (const socket of [visitor, server]) {
      this.sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        visitor.destroy();
        server.destroy();
        this.sockets.delete(socket);
      });
    }
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return (server.address() as AddressInfo).port;
}

/** Where the list of suites of a ClientHello begins, after record, message, version, random and session (RFC 5246 7.4.1.2). */
const suitesAt = (hello: Buffer): number => 44 + hello[43]!;

function offersDeflate(hello: Buffer): boolean {
  const at = suitesAt(hello) + 2 + hello.readUInt16BE(suitesAt(hello));
  return hello.subarray(at + 1, at + 1 + hello[at]!).includes(1);
}

/** The client asks for no protection: the mark among the suites becomes an unknown one (RFC 5746 3.3, RFC 8701). */
function withoutRenegotiation(hello: Buffer): Buffer {
  const [at, changed] = [suitesAt(hello), Buffer.from(hello)];
  if (!offersDeflate(hello)) return changed;
  for (let suite = at + 2; suite < at + 2 + hello.readUInt16BE(at); suite += 2)
    if (hello.readUInt16BE(suite) === 0x00ff) changed.writeUInt16BE(0x0a0a, suite);
  return changed;
}

/** The byte behind session and suite of a ServerHello says what compresses. */
function withDeflate(hello: Buffer): Buffer {
  const changed = Buffer.from(hello);
  if (hello[0] === 22 && hello[5] === 2) changed[44 + hello[43]! + 2] = 1;
  return changed;
}
