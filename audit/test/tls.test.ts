import assert from "node:assert/strict";
import { getDiffieHellman } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer as createTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext, createServer, type Server, type TlsOptions } from "node:tls";
import { gatherCertificate } from "../src/families/certificate.ts";
import { scan } from "../src/families/ports.ts";
import { serverName } from "../src/tls/name.ts";
import { accepted, offer } from "../src/tls/probe.ts";
import { SUITES } from "../src/tls/suites.ts";
import { pair } from "./pair.ts";
import { siteTarget } from "../src/target.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-tls-"));
const servers: { close(): unknown }[] = [];

/** Oakley group 2 (RFC 2409 6.2), 1024 bits, as PKCS #3 parameters. */
function oakley2(): string {
  const prime = getDiffieHellman("modp2").getPrime();
  const body = Buffer.concat([Buffer.from([0x02, 0x81, 0x81, 0x00]), prime, Buffer.from([0x02, 0x01, 0x02])]);
  const der = Buffer.concat([Buffer.from([0x30, 0x81, body.length]), body]);
  return `-----BEGIN DH PARAMETERS-----\n${der.toString("base64")}\n-----END DH PARAMETERS-----\n`;
}

async function serve(options: TlsOptions): Promise<{ address: string; port: number }> {
  const server: Server = createServer(options, (socket) => socket.end());
  server.on("tlsClientError", () => undefined);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { address: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

describe("audit: TLS probes against real servers", () => {
  const RSA = ["-newkey", "rsa:2048"];
  let rsa: ReturnType<typeof pair>;

  before(() => (rsa = pair(folder, "site.test", RSA, "-addext", "subjectAltName=DNS:site.test")));
  after(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  it("sees a modern server's protocols and suites, and nothing else", async () => {
    const ciphers = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305";
    const to = await serve({ ...rsa, minVersion: "TLSv1.2", ciphers });
    const found = await accepted(to, "TLS 1.2", "site.test");
    assert.deepEqual(found.suites.map(({ name }) => name).sort(), [
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ]);
    assert.equal(found.first!.renegotiation, true);
    assert.equal(found.first!.compression, 0);
    for (const old of ["SSL 3.0", "TLS 1.0", "TLS 1.1"] as const)
      assert.deepEqual((await accepted(to, old, "site.test")).suites, [], old);
    const modern = await accepted(to, "TLS 1.3", "site.test");
    assert.ok(modern.suites.every(({ name }) => /^TLS_(AES|CHACHA20)_/.test(name)));
  });

  it("sees TLS 1.0 and 1.1, CBC, static RSA and the size of a DHE key", async () => {
    const ciphers = "DHE-RSA-AES128-SHA:AES256-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0";
    const to = await serve({
      ...rsa,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.2",
      ciphers,
      dhparam: oakley2(),
    });
    for (const old of ["TLS 1.0", "TLS 1.1", "TLS 1.2"] as const) {
      const { suites } = await accepted(to, old, "site.test");
      const names = suites.map(({ name }) => name).sort();
      assert.deepEqual(
        names,
        [
          "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
          "TLS_RSA_WITH_AES_256_CBC_SHA",
        ],
        old,
      );
      assert.equal(suites.find(({ name }) => name.includes("_DHE_"))!.dhBits, 1024);
    }
    assert.deepEqual((await accepted(to, "TLS 1.3", "site.test")).suites, []);
  });

  it("distinguishes a missing connection from a refused hello", async () => {
    const suites = SUITES.map(({ id }) => id);
    await assert.rejects(
      offer({ address: "127.0.0.1", port: 1 }, { protocol: "TLS 1.2", suites }),
      /ECONNREFUSED/,
    );
    const plain = createTcp((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    servers.push(plain);
    await new Promise<void>((done) => plain.listen(0, "127.0.0.1", done));
    const { port } = plain.address() as AddressInfo;
    assert.equal(await offer({ address: "127.0.0.1", port }, { protocol: "TLS 1.2", suites }), undefined);
  });

  it("goes on after a warning, which refuses nothing", async () => {
    const to = await serve({ ...rsa, minVersion: "TLSv1.2" });
    const warns = createTcp((socket) => {
      socket.on("error", () => undefined);
      const server = connect(to.port, to.address, () => {
        // unrecognized_name as a warning, which some servers send before they go on with their own name (RFC 6066 3).
        socket.write(Buffer.from([21, 3, 3, 0, 2, 1, 112]));
        socket.pipe(server).on("error", () => undefined);
        server.pipe(socket);
      });
    });
    servers.push(warns);
    await new Promise<void>((done) => warns.listen(0, "127.0.0.1", done));
    const { port } = warns.address() as AddressInfo;
    const suites = SUITES.map(({ id }) => id);
    const choice = await offer({ address: "127.0.0.1", port }, { protocol: "TLS 1.2", suites });
    assert.equal(choice?.protocol, "TLS 1.2");
  });

  it("sends names, and no addresses", () => {
    assert.deepEqual(serverName("site.test"), { servername: "site.test" });
    for (const address of ["203.0.113.7", "[2001:db8::1]", "::1"]) assert.deepEqual(serverName(address), {});
  });

  it("reads a certificate: names, life, key, signature, trust", async () => {
    const weak = pair(
      folder,
      "site.test",
      ["-newkey", "rsa:1024"],
      "-sha1",
      "-addext",
      "subjectAltName=DNS:other.test",
      "-addext",
      "tlsfeature=status_request",
    );
    const to = await serve({ ...weak, ciphers: "ALL:@SECLEVEL=0" });
    const target = siteTarget(new URL(`https://site.test:${to.port}/`), {
      name: "maicivy",
      address: to.address,
    });
    const found = await gatherCertificate(target);
    assert.deepEqual(found.missing, ["site.test"]);
    assert.deepEqual([found.keyType, found.keyBits], ["rsa", 1024]);
    assert.deepEqual(found.signatures, ["sha1WithRSA"]);
    assert.equal(found.mustStaple, true);
    assert.match(found.distrust!, /SELF_SIGNED/);
    assert.ok(found.until > Date.now() && found.from <= Date.now());
  });

  it("asks each name that has a certificate of its own, and knows what is trusted there", async () => {
    const own = (name: string): ReturnType<typeof pair> =>
      pair(folder, name, ["-newkey", "rsa:2048"], "-addext", `subjectAltName=DNS:${name}`);
    const [good, wrong] = [own("good.test"), own("elsewhere.test")];
    const to = await serve({
      ...rsa,
      SNICallback: (name, done) => {
        const shown = name === "good.test" ? good : name === "wrong.test" ? wrong : rsa;
        done(null, createSecureContext(shown));
      },
    });
    const target = siteTarget(new URL(`https://site.test:${to.port}/`), {
      name: "maicivy",
      address: to.address,
    });
    target.about.names = ["site.test", "good.test", "strange.test", "wrong.test"];
    const apart = { "good.test": String(good.cert), "wrong.test": String(wrong.cert) };
    assert.deepEqual((await gatherCertificate({ ...target, apart })).missing, ["strange.test", "wrong.test"]);
    const untrusted = await gatherCertificate({ ...target, apart: { "good.test": undefined } });
    assert.match(untrusted.missing.join(" "), /good\.test \(.*SELF_SIGNED/);
  });

  it("finds exactly the open ports", async () => {
    const to = await serve(rsa);
    const open = await scan("127.0.0.1", () => undefined, {
      first: to.port - 3,
      last: to.port + 3,
      timeout: 300,
    });
    assert.ok(open.includes(to.port));
    assert.ok(!open.includes(1));
  });

  it("finds an open port also when this machine is too busy to read the answer in time", async () => {
    const { port } = await serve(rsa);
    const scanning = scan("127.0.0.1", () => undefined, { first: port, last: port, timeout: 50 });
    const end = Date.now() + 200;
    while (Date.now() < end);
    assert.deepEqual(await scanning, [port]);
  });
});
