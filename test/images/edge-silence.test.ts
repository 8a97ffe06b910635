import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { text } from "node:stream/consumers";
import { fixedLookup } from "../../automation/lib/probe.ts";
import { until } from "../examples/support/wait.ts";
import { answerWaiting, application, config, waiting } from "./edge-application.ts";
import { edgeSite } from "./edge-site.ts";
import { onEngine } from "./support.ts";

/** Short ones, so that they can be waited for. */
const TIMES = { proxyTimeout: "2 s", websocketTimeout: "5 s", clientTimeout: "2 s" };

onEngine("how long the edge waits, with the real Nginx and HAProxy", function () {
  this.timeout(60_000);
  const site = edgeSite(config(TIMES));
  afterEach(answerWaiting);

  it("for an application, then 504; so on a subdomain, where any path may be a WebSocket", async () => {
    for (const name of ["maicivy.test", "status.maicivy.test"]) {
      const begin = performance.now();
      const { status, body } = await site.ask("/wait", { name, headers: { accept: "text/html" } });
      assert.equal(status, 504, name);
      assert.match(body.toString(), /No answer in time/);
      const took = performance.now() - begin;
      assert.ok(took > 1900 && took < 4900, `${name} ${took} ms`);
    }
  });

  it("for an upstream as long as for a WebSocket", async () => {
    const upstream = createServer(application).listen(0, site.gateway);
    await once(upstream, "listening");
    try {
      const { port } = upstream.address() as AddressInfo;
      await site.use(config({ ...TIMES, subdomains: { tools: { upstream: `${site.gateway}:${port}` } } }));
      waiting.length = 0;
      const answer = site.ask("/wait", { name: "tools.maicivy.test" });
      await until("it is asked", () => waiting.length === 1, 5);
      await sleep(3000);
      answerWaiting();
      const { status, body } = await answer;
      assert.deepEqual([status, body.toString()], [200, "waited"]);
    } finally {
      upstream.close();
      upstream.closeAllConnections();
      await site.use(config(TIMES));
    }
  });

  it("for a WebSocket, on a route that is one and on a subdomain; elsewhere there is none", async () => {
    const [route, subdomain] = await Promise.all([
      upgrade("maicivy.test", "/ws"),
      upgrade("status.maicivy.test", "/any"),
    ]);
    const closed = [route, subdomain].map((socket) => once(socket, "close"));
    await sleep(3000);
    for (const socket of [route, subdomain]) {
      socket.write("still there");
      assert.equal(String((await once(socket, "data"))[0]), "still there");
    }
    const begin = performance.now();
    await Promise.all(closed);
    assert.ok(performance.now() - begin > 3000, "silence begins anew with each word");
    await assert.rejects(upgrade("maicivy.test", "/own/x"), /answered 200/);
  });

  it("for a visitor, and closes the connection", async () => {
    for (const begun of [
      "GET / HTTP/1.1\r\nHost:",
      "POST /api/x HTTP/1.1\r\nHost: maicivy.test\r\nContent-Length: 9\r\n\r\n1234",
    ]) {
      const to = { host: site.address, port: 443, servername: "maicivy.test", rejectUnauthorized: false };
      const socket = connectTls(to);
      await once(socket, "secureConnect");
      const begin = performance.now();
      socket.write(begun);
      const heard = await ended(socket);
      const took = performance.now() - begin;
      assert.equal(heard, "");
      assert.ok(took > 1900 && took < 10_000, `${took} ms`);
    }
  });

  it("5 s for a container to take a connection, then another one of the application is asked", async () => {
    const deaf = await Deaf.listen(site.gateway);
    const admin = join(site.folder, "run", "_admin.sock");
    try {
      // As by default: the edge has more patience than that.
      await site.use(config({ ...TIMES, proxyTimeout: "60 s" }));
      assert.match(
        await command(admin, `add server web/deaf ${site.gateway}:${deaf.port}`),
        /New server registered/,
      );
      await command(admin, "enable server web/deaf");
      let longest = 0;
      for (let times = 0; times < 30 && longest < 4900; times++) {
        const begin = performance.now();
        assert.equal((await site.ask("/")).status, 200);
        longest = Math.max(longest, performance.now() - begin);
      }
      assert.ok(longest > 4900 && longest < 9000, `${longest} ms`);
    } finally {
      await command(admin, "disable server web/deaf; del server web/deaf");
      deaf.end();
      await site.use(config(TIMES));
    }
  });

  /** A connection that has become something else than HTTP. */
  function upgrade(name: string, path: string): Promise<Socket> {
    return new Promise((done, fail) => {
      const asked = request(`https://${name}${path}`, {
        headers: {
          connection: "upgrade",
          upgrade: "websocket",
          "sec-websocket-key": randomBytes(16).toString("base64"),
        },
        lookup: fixedLookup(site.address),
        rejectUnauthorized: false,
      });
      asked.on("upgrade", (_answer: IncomingMessage, socket: Socket) => done(socket.on("error", () => {})));
      asked.on("response", (answer) => {
        answer.resume();
        fail(new Error(`answered ${answer.statusCode}`));
      });
      asked.on("error", fail).end();
    });
  }
});

/** What came before the other side closed, or reset. */
async function ended(socket: TLSSocket): Promise<string> {
  try {
    return await text(socket);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ECONNRESET") return "";
    throw error;
  }
}

/** What the switch answers to commands on its administration socket. */
function command(path: string, commands: string): Promise<string> {
  return text(connect(path).end(`${commands}\n`));
}

/** A process that listens and takes no connection, as a container does that hangs: stopped, with a full queue. */
class Deaf {
  private constructor(
    private readonly child: ReturnType<typeof spawn>,
    private readonly queue: Socket[],
    readonly port: number,
  ) {}

  static async listen(host: string): Promise<Deaf> {
    const program =
      'const s = require("net").createServer(); s.listen({ host: process.argv[1], port: 0, backlog: 1 }, () => console.log(s.address().port))';
    const child = spawn(process.execPath, ["-e", program, host], { stdio: ["ignore", "pipe", "inherit"] });
    const port = Number((await once(child.stdout, "data"))[0]);
    child.kill("SIGSTOP");
    const queue = Array.from({ length: 6 }, () => connect(port, host).on("error", () => {}));
    await sleep(300);
    return new Deaf(child, queue, port);
  }

  end(): void {
    for (const socket of this.queue) socket.destroy();
    this.child.kill("SIGKILL");
  }
}
