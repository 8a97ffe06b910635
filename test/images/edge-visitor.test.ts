import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { probe } from "../../automation/lib/probe.ts";
import { OUTPUTS } from "../support/outputs.ts";
import { config } from "./edge-application.ts";
import { edgeSite } from "./edge-site.ts";
import { onEngine, run } from "./support.ts";

onEngine("who the edge takes for a visitor, with the real Nginx", function () {
  this.timeout(60_000);
  const site = edgeSite();

  interface Seen {
    headers: Record<string, string>;
  }
  const seen = async (headers: Record<string, string>): Promise<string[]> => {
    const answer = JSON.parse((await site.ask("/api/seen", { headers })).body.toString()) as Seen;
    return [answer.headers["x-real-ip"]!, answer.headers["x-forwarded-for"]!];
  };
  const FORGED = { "x-forwarded-for": "198.51.100.1, 203.0.113.9" };

  it("is the connecting address, whatever the headers say, while no proxy is trusted or another one is", async () => {
    for (const edge of [{}, { trustedProxies: ["192.0.2.0/24"] }, { trustedProxies: "cloudflare" }]) {
      await site.use(config(edge));
      assert.deepEqual(await seen(FORGED), [site.gateway, site.gateway]);
    }
  });

  it("is the last one whom a trusted proxy doesn't know as one of its own; what came before is hearsay", async () => {
    await site.use(config({ trustedProxies: [site.gateway, "203.0.113.9"] }));
    assert.deepEqual(await seen({ "x-forwarded-for": "203.0.113.8" }), ["203.0.113.8", "203.0.113.8"]);
    assert.deepEqual(await seen(FORGED), ["198.51.100.1", "198.51.100.1"]);
    await site.use(config({ trustedProxies: [site.gateway] }));
    assert.deepEqual(await seen(FORGED), ["203.0.113.9", "203.0.113.9"]);
    assert.deepEqual(await seen({ "x-forwarded-for": "2001:db8::7" }), ["2001:db8::7", "2001:db8::7"]);
    assert.match(await site.log(), /"ip":"2001:db8::7"/);
  });

  it("has limits of their own behind a proxy; one of IPv6 has them for a network of 64 bits", async () => {
    const limits = { rate: "1/min", burst: 3, connections: 100, streams: 100 };
    await site.use(config({ trustedProxies: [site.gateway], limits }));
    const statuses = async (address: (index: number) => string): Promise<number[]> => {
      const found: number[] = [];
      for (let index = 1; index <= 6; index++) {
        const { status } = await site.ask("/api/x", { headers: { "x-forwarded-for": address(index) } });
        found.push(status);
      }
      return found;
    };
    const refused = [200, 200, 200, 200, 429, 429];
    assert.deepEqual(await statuses(() => "203.0.113.1"), refused);
    assert.deepEqual(await statuses((index) => `203.0.113.${index + 1}`), Array(6).fill(200));
    assert.deepEqual(await statuses((index) => `2001:db8:0:1:${index}::1`), refused);
    assert.deepEqual(await statuses((index) => `2001:db8:0:${index + 1}::1`), Array(6).fill(200));
  });

  describe("behind a load balancer with the PROXY protocol", () => {
    before(async () => {
      await site.use(config({ trustedProxies: [site.gateway], proxyProtocol: true }));
    });

    /** The visitor as the application sees them through such a load balancer. */
    const introduced = async (greeting: string): Promise<Seen["headers"]> => {
      const socket = connect(443, site.address);
      await once(socket, "connect");
      socket.write(greeting);
      const to = { socket, servername: "maicivy.test", rejectUnauthorized: false };
      const secure = connectTls(to);
      await once(secure, "secureConnect");
      const lines = ["GET /api/seen HTTP/1.1", "Host: maicivy.test", "X-Forwarded-For: 198.51.100.1"];
      secure.write([...lines, "Connection: close", "", ""].join("\r\n"));
      return (
        JSON.parse(
          (await text(secure))
            .split("\r\n\r\n")[1]!
            .replace(/^[0-9a-f]+\r\n/, "")
            .split("\r\n")[0]!,
        ) as Seen
      ).headers;
    };

    it("is the one whom it introduces", async () => {
      for (const [family, address, own] of [
        ["TCP4", "203.0.113.9", "192.0.2.1"],
        ["TCP6", "2001:db8::9", "2001:db8::1"],
      ] as const) {
        const headers = await introduced(`PROXY ${family} ${address} ${own} 40000 443\r\n`);
        assert.deepEqual([headers["x-real-ip"], headers["x-forwarded-for"]], [address, address]);
      }
      assert.equal((await introduced("PROXY UNKNOWN\r\n"))["x-real-ip"], site.gateway);
    });

    it("isn't answered without it, but the container's own check and the automation's probe are", async () => {
      await assert.rejects(site.ask("/api/seen"), /disconnected|ECONNRESET|socket/);
      const check = ["curl", "-fsS", "--unix-socket", "/run/health.sock", "http://edge/health"];
      assert.deepEqual(await run(site.edge, ...check), { code: 0, out: "ok" });
      const outputs = {
        ...OUTPUTS,
        url: "https://maicivy.test/",
        address: site.address,
        certificate: site.certificate,
      };
      const asked = await probe({ ...outputs, health: { api: "/health" }, proxyProtocol: true });
      assert.deepEqual(
        asked.map(({ answer }) => answer),
        ["200"],
      );
      const without = await probe({ ...outputs, health: { api: "/health" } });
      assert.equal(without[0]!.ok, false);
    });

    it("isn't the address that an untrusted sender names", async () => {
      await site.use(config({ trustedProxies: ["192.0.2.1"], proxyProtocol: true }));
      const headers = await introduced("PROXY TCP4 203.0.113.9 192.0.2.1 40000 443\r\n");
      assert.equal(headers["x-real-ip"], site.gateway);
    });
  });
});
