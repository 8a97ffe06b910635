import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { pair } from "../../audit/test/pair.ts";
import { parsed } from "../support/settings.ts";
import { edgeSite } from "./edge-site.ts";

const image = "ghcr.io/me/shop:1.0.0";
const { config } = parsed({
  apps: { web: { image, port: 3000, routes: [{ path: "/" }, { path: "/health" }] } },
  images: "debian",
  sites: { "other.test": { app: "web", certificate: {} }, "third.test": { app: "web", www: false } },
});

describe("the own certificate of a site", () => {
  const site = edgeSite(config);
  let shownFirst = "";

  /** Puts another pair where the edge looks for the site's, as the host tools do; its fingerprint. */
  function put(): string {
    const folder = join(site.folder, "tls/sites/other.test");
    mkdirSync(folder, { recursive: true });
    const { cert, key } = pair(
      site.folder,
      "other.test",
      ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
      "-addext",
      "subjectAltName=DNS:other.test,DNS:www.other.test",
    );
    writeFileSync(join(folder, "fullchain.pem"), cert);
    writeFileSync(join(folder, "privkey.pem"), key);
    chmodSync(join(folder, "privkey.pem"), 0o644);
    return new X509Certificate(cert).fingerprint256;
  }

  const shown = (name: string): Promise<string> =>
    new Promise((done, fail) => {
      const to = { host: site.address, port: 443, servername: name, rejectUnauthorized: false };
      const socket = connect(to, () => {
        done(socket.getPeerX509Certificate()!.fingerprint256);
        socket.destroy();
      });
      socket.on("error", fail);
    });

  it("is shown for it and its www., and the domain's for every other name", async () => {
    const domains = new X509Certificate(site.certificate).fingerprint256;
    shownFirst = put();
    for (const name of ["other.test", "www.other.test"]) assert.equal(await shown(name), shownFirst, name);
    for (const name of ["maicivy.test", "www.maicivy.test", "third.test"])
      assert.equal(await shown(name), domains, name);
    assert.equal((await site.ask("/page", { name: "third.test" })).status, 200);
  });

  it("is another one as soon as it is there, without a reload", async () => {
    const next = put();
    assert.notEqual(next, shownFirst);
    assert.equal(await shown("other.test"), next);
  });
});
