import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { until } from "./support/box.ts";
import { Client } from "./support/client.ts";
import { torture } from "./support/torture/world.ts";

interface Echo {
  headers: Record<string, string>;
}

describe("a whole stack with neighbours: a load balancer before it, a container beside it", function () {
  this.timeout(300_000);
  before("the torture application", () => torture.ready());
  after("as it was", () => torture.ready());

  const declareEdge = async (edge: Record<string, unknown>): Promise<void> => {
    torture.project.edit("torture", (document) => {
      for (const [key, value] of Object.entries(edge))
        document.setIn(["config", "fairlead:edge", key], document.createNode(value));
    });
    await torture.up();
  };
  const visitor = async (headers = {}): Promise<string | undefined> =>
    (await torture.client.json<Echo>("/echo", { headers })).headers["x-forwarded-for"];

  it("believes no proxy by default, and then only the balancer", async () => {
    const balancer = await visitor();
    const claim = { "x-forwarded-for": "198.51.100.7" };
    assert.equal(await visitor(claim), balancer, "claimed by a visitor");
    await declareEdge({ trustedProxies: [balancer] });
    assert.equal(await visitor(claim), "198.51.100.7");
  });

  it("speaks the PROXY protocol: the verbs come in, and visitors with their address; others don't", async () => {
    await declareEdge({ proxyProtocol: true });
    assert.match(await greeted("PROXY TCP4 203.0.113.7 192.0.2.1 50000 443\r\n"), /"203\.0\.113\.7"/);
    await assert.rejects(greeted(""));
    const looked = await torture.project.run("drift", "--stack", "torture");
    assert.equal(looked.exitCode, 0, looked.stdout + looked.stderr);
  });

  it("leads a subdomain to a container of somebody else's, which stays where it is", async () => {
    const image = torture.project.read("Pulumi.torture.yaml").match(/image: (\S+@\S+)/)![1]!;
    const started = await torture.ssh([
      "docker",
      "run",
      "--detach",
      "--name=uptime",
      "--network=torture_network",
      "--env=VERSION=theirs",
      image,
    ]);
    assert.equal(started.exitCode, 0, started.stderr);
    torture.file = torture.file.replace("proxyProtocol: true", "proxyProtocol: false");
    await declareEdge({ subdomains: { status: { upstream: "uptime:8080" } } });
    const { url, ...out } = torture.out;
    const visitor = new Client({ ...out, url: url.replace("://", "://status.") });
    try {
      const theirs = async (): Promise<boolean> => (await visitor.ask("/")).headers["x-version"] === "theirs";
      await until("the neighbour answering", 15, theirs);
      await torture.up();
      assert.equal((await visitor.ask("/")).headers["x-version"], "theirs");
      const looked = await torture.project.run("drift", "--stack", "torture");
      assert.equal(looked.exitCode, 0, looked.stdout + looked.stderr);
    } finally {
      visitor.close();
      await torture.ssh(["docker", "rm", "--force", "uptime"]);
    }
  });

  /** What the application has seen of a connection that begins so. */
  async function greeted(greeting: string): Promise<string> {
    const { hostname, host, port } = new URL(torture.out.url);
    const socket = connectTcp({ host: torture.out.address, port: Number(port) });
    await once(socket, "connect");
    socket.write(greeting);
    const secure = connectTls({ socket, servername: hostname, ca: torture.out.certificate });
    await once(secure, "secureConnect");
    secure.write(`GET /echo HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    return text(secure);
  }
});
