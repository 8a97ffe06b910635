import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import type { AuditResult } from "../../audit/src/index.ts";
import { PLACE } from "../../automation/images/registry.ts";
import { Visitor } from "../support/connection.ts";
import { everything } from "../support/everything.ts";
import { openPorts, until } from "./support/box.ts";
import { Client } from "./support/client.ts";
import { mail, MAIL, resolver, RESOLVER, RPC } from "./support/ports/applications.ts";
import { boxAt } from "./support/server.ts";
import { torture } from "./support/torture/world.ts";

const PASSWORD = "kea in the rain";
const [MAIL_PORT, SECOND_PORT, DNS_PORT] = [2525, 2587, 2553];
/** Published on the box by mistake, next to the declared ones. */
const [STRAY_TCP, STRAY_UDP] = [2526, 2554];
const SCANNED: [number, number] = [2000, 7000];
const DNS = `${DNS_PORT}:53/udp`;
const FIRST = `${MAIL_PORT}:1025`;
/** A second one, for some: nobody here has the address of somebody else (RFC 5737). */
const second = (...allow: string[]): object => ({ port: SECOND_PORT, to: 1025, allow });
const SOMEBODY_ELSE = "192.0.2.1/32";

describe("ports of applications, and what a route or subdomain has of its own", function () {
  this.timeout(300_000);
  let address: string;
  let image: string;

  /** The stack file without any of it. */
  let original: string;
  const without = async (): Promise<void> => {
    torture.file = original;
    await torture.up();
    torture.keep();
  };

  before("a server of mail, one of names, one of gRPC, and a page with a password", async () => {
    await torture.ready();
    original = torture.file;
    await torture.project.pulumi(
      ["config", "set", "--secret", "ANN_PASSWORD", "--stack", torture.stack],
      PASSWORD,
    );
    await torture.declare((file) => {
      torture.add(file, "mail", mail("one", [FIRST, second(SOMEBODY_ELSE)]));
      torture.add(file, "resolver", resolver("one", DNS));
      torture.add(file, "rpc", RPC);
      const desk = { path: "/desk/", auth: { users: { ann: "ANN_PASSWORD" } } };
      file.addIn([...torture.app(), "routes"], file.createNode(desk));
      const quick = { routes: [{ app: "torture" }], limits: { rate: "1/s", burst: 4 } };
      file.setIn(["config", "fairlead:edge", "subdomains"], file.createNode({ quick }));
    });
    // What comes back after a failed test.
    torture.keep();
    const box = await boxAt(new URL(torture.out.url).port);
    address = box.NetworkSettings.Networks[PLACE.network]!.IPAddress;
    image = box.Image;
  });

  after("as it was", () => (torture.file === original ? torture.ready() : without()));

  it("are open from outside, and nothing else is, whatever containers publish", async () => {
    const publish = ["-p", `${STRAY_TCP}:1025`, "-p", `${STRAY_UDP}:53/udp`];
    const program = [MAIL, RESOLVER].join(";\n");
    const own = torture.file.match(/image: (\S+@\S+)/)![1]!;
    const stray = ["docker", "run", "--detach", "--name=stray", ...publish, own, "node", "-e", program];
    try {
      const { exitCode, stderr } = await torture.ssh(stray);
      assert.equal(exitCode, 0, stderr);
      const heard = (device: string) => `exec 3<>/dev/${device}; echo who >&3; timeout 1 head -c 3 <&3`;
      for (const device of [`tcp/127.0.0.1/${STRAY_TCP}`, `udp/127.0.0.1/${STRAY_UDP}`])
        await until(
          `${device} answering the server itself`,
          10,
          async () => (await torture.ssh(["bash", "-c", heard(device)])).stdout !== "",
        );
      assert.deepEqual(await open(), [MAIL_PORT]);
      const visitor = Visitor.to(MAIL_PORT, address);
      assert.equal(await visitor.line(), "one");
      assert.equal(await visitor.echo("HELO"), "HELO");
      visitor.close();
      assert.match((await asked(DNS_PORT)) ?? "", /^one \d+\.\d+\.\d+\.\d+$/);
      assert.equal(await asked(STRAY_UDP), undefined);
    } finally {
      await torture.ssh(["docker", "rm", "--force", "stray"]);
    }
  });

  it("have an audit that knows them, and no drift", async () => {
    const only = ["--only", "ports,firewall,containers,docker,engine"];
    const { stdout, stderr } = await torture.project.run(
      "audit",
      "--stack",
      torture.stack,
      "--json",
      ...only,
    );
    assert.match(stdout, /^\{/, stdout + stderr);
    const { findings } = JSON.parse(stdout) as AuditResult;
    const seen = findings.find(({ id }) => id === "ports.only-declared")!;
    assert.equal(seen.result, "pass", seen.found);
    assert.match(seen.found, new RegExp(`\\b${MAIL_PORT}\\b`));
    const against = findings.filter(
      ({ result, found }) => result === "fail" && /_ports|mail|resolver|2525|2587|2553/.test(found),
    );
    assert.deepEqual(against, []);
    const looked = await torture.project.run("drift", "--stack", torture.stack);
    assert.equal(looked.exitCode, 0, looked.stdout + looked.stderr);
  });

  it("move to a new release without a connection that fails, and what is open may finish", async () => {
    const old = Visitor.to(MAIL_PORT, address);
    assert.equal(await old.line(), "one");
    let moved = false;
    const [seen, failures] = [new Set<string>(), [] as string[]];
    const visits = (async () => {
      while (!moved) {
        const visitor = Visitor.to(MAIL_PORT, address);
        try {
          seen.add(await visitor.line());
          assert.equal(await visitor.echo("x"), "x");
        } catch (error) {
          failures.push(String(error));
        }
        visitor.close();
        await sleep(20);
      }
    })();
    const released = torture.declare((file) => {
      torture.add(file, "mail", mail("two", [FIRST, second()]));
      torture.add(file, "resolver", resolver("two", DNS));
    });
    try {
      await everything(
        async () => {
          await until("the new release", 120, () => Promise.resolve(seen.has("two")));
          assert.equal(await old.echo("still here"), "still here");
        },
        () => old.close(),
        () => released,
      );
    } finally {
      moved = true;
      await visits;
    }
    assert.deepEqual([failures, [...seen].sort()], [[], ["one", "two"]]);
    assert.match((await asked(DNS_PORT)) ?? "", /^two /);
    assert.deepEqual(await open(), [MAIL_PORT, SECOND_PORT]);
  });

  it("ask for the password of a route, which the application doesn't see", async () => {
    assert.equal((await torture.client.ask("/echo")).status, 200);
    assert.equal((await torture.client.ask("/desk/echo")).status, 401);
    assert.equal((await torture.client.ask("/desk/echo", { headers: basic("wrong") })).status, 401);
    const { status, body } = await torture.client.ask("/desk/echo", { headers: basic(PASSWORD) });
    assert.equal(status, 200, body);
    assert.doesNotMatch(body, /authorization/i);
    assert.equal(
      (await torture.ssh(["docker", "inspect", "torture_nginx"])).stdout.includes(PASSWORD),
      false,
    );
  });

  it("carry gRPC as far as the application, with its trailers", async () => {
    const { hostname, port } = new URL(torture.out.url);
    const trusted = grpc.credentials.createSsl(Buffer.from(torture.out.certificate!));
    const client = new grpc.Client(`${torture.out.address}:${port}`, trusted, {
      "grpc.ssl_target_name_override": hostname,
      "grpc.default_authority": hostname,
    });
    const same = (bytes: Buffer): Buffer => bytes;
    try {
      const [answer, after] = await new Promise<[Buffer | undefined, grpc.StatusObject]>((done) => {
        let answered: Buffer | undefined;
        client
          .makeUnaryRequest(
            "/test.Echo/one",
            same,
            same,
            Buffer.from("hello"),
            (_, value) => (answered = value),
          )
          .on("status", (status) => setImmediate(() => done([answered, status])));
      });
      assert.deepEqual([after.code, answer?.toString()], [grpc.status.OK, "hello"], after.details);
      assert.deepEqual(after.metadata.get("x-after"), ["the end"]);
    } finally {
      client.close();
    }
  });

  it("have limits of a subdomain alone", async () => {
    const { url, ...out } = torture.out;
    const visitor = new Client({ ...out, url: url.replace("://", "://quick.") });
    try {
      const statuses = async (one: Client): Promise<number[]> => {
        const answers = await Promise.all(Array.from({ length: 20 }, () => one.ask("/echo")));
        return [...new Set(answers.map(({ status }) => status))].sort();
      };
      assert.deepEqual(await statuses(visitor), [200, 429]);
      assert.deepEqual(await statuses(torture.client), [200]);
    } finally {
      visitor.close();
    }
  });

  it("are missed by drift where a rule is gone; one less closes it, and what is open goes on", async () => {
    const stay = Visitor.to(MAIL_PORT, address);
    assert.equal(await stay.line(), "two");
    // What a container publishes doesn't pass ufw's own rules.
    const forwarded = `-p udp -m conntrack --ctstate DNAT --ctorigdstport ${DNS_PORT} -j RETURN`;
    for (const command of [
      ["ufw", "delete", "allow", `${SECOND_PORT}/tcp`],
      ["iptables", "-D", "DOCKER-USER", ...forwarded.split(" ")],
    ]) {
      const { exitCode, stderr } = await torture.ssh(command);
      assert.equal(exitCode, 0, stderr);
    }
    assert.equal(await asked(DNS_PORT), undefined);
    const looked = await torture.project.run("drift", "--stack", torture.stack);
    assert.equal(looked.exitCode, 1, looked.stdout + looked.stderr);
    assert.match(looked.stdout, new RegExp(`ufw rule allow ${SECOND_PORT}/tcp: missing`));
    assert.match(looked.stdout, /iptables DOCKER-USER/);
    torture.project.edit(torture.stack, (file) => torture.add(file, "mail", mail("two", [FIRST])));
    const { repaired } = await torture.up();
    assert.ok(
      repaired.some((line) => line.includes("iptables DOCKER-USER")),
      repaired.join("\n"),
    );
    assert.match((await asked(DNS_PORT)) ?? "", /^two /);
    assert.equal(await stay.echo("still here"), "still here");
    stay.close();
    assert.deepEqual(await open(), [MAIL_PORT]);
    assert.ok(!(await rules()).includes(String(SECOND_PORT)));
  });

  it("leave nothing behind when they go: no open port, no rule, no doorway", async () => {
    await without();
    assert.deepEqual(await open(), []);
    assert.equal(await asked(DNS_PORT), undefined);
    assert.doesNotMatch(await rules(), new RegExp(`${MAIL_PORT}|${SECOND_PORT}|${DNS_PORT}`));
    const { stdout } = await torture.ssh(["sh", "-c", "docker ps -a --format '{{.Names}}'; ls /opt/torture"]);
    assert.doesNotMatch(stdout, /ports|mail|resolver/);
  });

  const open = async (): Promise<number[]> =>
    (await openPorts(PLACE.network, [address], SCANNED, image))[address]!;

  /** Everything that lets somebody in, as the kernel has it. */
  const rules = async (): Promise<string> =>
    (await torture.ssh(["sh", "-c", "ufw show added; iptables-save; ip6tables-save"])).stdout;

  /** What is answered by UDP, which is asked again as its clients do; nothing within three seconds is no answer. */
  async function asked(port: number): Promise<string | undefined> {
    const socket = createSocket("udp4");
    try {
      let answer: string | undefined;
      socket.on("message", (text) => (answer = text.toString()));
      for (let turn = 0; turn < 6 && answer === undefined; turn++) {
        socket.send("who", port, address);
        await sleep(500);
      }
      return answer;
    } finally {
      socket.close();
    }
  }
});

const basic = (password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`ann:${password}`).toString("base64")}`,
});
