import assert from "node:assert/strict";
import { connect as connectTls, type SecureVersion } from "node:tls";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import {} from "./edge-application.ts";
import { edgeSite } from "./edge-site.ts";
import { onEngine, run } from "./support.ts";

onEngine("how the edge carries requests, with the real Nginx and HAProxy", function () {
  this.timeout(60_000);
  const site = edgeSite();

  describe("compression", () => {
    const ask = (path: string, encoding: string) =>
      site.ask(path, { headers: { "accept-encoding": encoding } });

    it("is Brotli or gzip, as the visitor can", async () => {
      const br = await ask("/app.js", "gzip, br");
      assert.equal(br.headers["content-encoding"], "br");
      assert.match(brotliDecompressSync(br.body).toString(), /compresses well/);
      const gzip = await ask("/api/x", "gzip");
      assert.equal(gzip.headers["content-encoding"], "gzip");
      assert.match(String(gzip.headers.vary), /Accept-Encoding/);
      assert.match(gunzipSync(gzip.body).toString(), /compresses well/);
    });

    it("begins at 1024 bytes", async () => {
      for (const encoding of ["gzip", "br"])
        for (const [bytes, found] of [
          [600, undefined],
          [1023, undefined],
          [1024, encoding],
          [2048, encoding],
        ] as const) {
          const { headers } = await ask(`/api/x?bytes=${bytes}`, encoding);
          assert.equal(headers["content-encoding"], found, `${encoding}, ${bytes} bytes`);
        }
    });

    it("is for texts, scripts, feeds, fonts and drawings, not for what is small already", async () => {
      const coded = async (type: string): Promise<unknown> =>
        (await ask(`/x?type=${encodeURIComponent(type)}`, "gzip, br")).headers["content-encoding"];
      const feeds = ["text/xml", "application/xml", "application/rss+xml"];
      const texts = ["text/html", "text/plain", "text/css", "application/json", "image/svg+xml"];
      const scripts = ["text/javascript", "application/javascript"];
      for (const type of [...texts, ...scripts, ...feeds]) assert.equal(await coded(type), "br", type);
      const fonts = [
        "font/truetype",
        "font/ttf",
        "font/opentype",
        "font/otf",
        "application/vnd.ms-fontobject",
      ];
      for (const type of [...fonts, "application/xml+rss"]) assert.equal(await coded(type), "gzip", type);
      for (const type of ["font/woff2", "image/png", "application/zip"])
        assert.equal(await coded(type), undefined, type);
    });
  });

  it("answers on IPv6 as on IPv4, on both ports", async () => {
    const ask = async (...options: string[]): Promise<string> => {
      const format = ["-s", "-k", "-o", "/dev/null", "-w", "%{http_code} %{local_ip}"];
      return (await run(site.edge, "curl", ...format, ...options)).out;
    };
    const to = ["--resolve", "maicivy.test:443:[::1]"];
    assert.equal(await ask(...to, "https://maicivy.test/health"), "200 ::1");
    assert.equal(await ask("-H", "Host: maicivy.test", "http://[::1]/"), "301 ::1");
  });

  it("lets a visitor of TLS 1.2 and 1.3 continue a session instead of beginning anew", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const first = await connected(version);
      assert.equal(first.again, false);
      // Every worker knows it.
      for (let times = 0; times < 8; times++)
        assert.equal((await connected(version, first.session)).again, true, version);
    }
  });

  /** A connection with its session, and whether it continued one. */
  function connected(version: SecureVersion, session?: Buffer): Promise<{ again: boolean; session: Buffer }> {
    return new Promise((done, fail) => {
      const to = { host: site.address, port: 443, servername: "maicivy.test", rejectUnauthorized: false };
      const versions = { minVersion: version, maxVersion: version };
      const socket = connectTls({ ...to, ...versions, session });
      socket.on("error", fail);
      // With 1.3 it comes after the handshake.
      socket.on("session", (given: Buffer) => {
        done({ again: socket.isSessionReused(), session: given });
        socket.end();
      });
      if (session)
        socket.on("secureConnect", () => {
          done({ again: socket.isSessionReused(), session });
          socket.end();
        });
    });
  }
});
