import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { execa } from "execa";
import { pack } from "tar-stream";
import { z } from "zod";
import { askOver } from "../../automation/lib/ask.ts";
import type { Connection } from "../../automation/lib/connection.ts";
import { CallFailed, reachOf, Server, type Reason } from "../../automation/lib/server.ts";
import { startSession } from "../../components/host/session.ts";
import { keyPair } from "./key-pair.ts";
import { cleanUp, docker, onEngine, PREFIX, published, run, until } from "./support.ts";

/** Answers as the host tools do: by what it is asked to do. */
const TOOL = `#!/usr/bin/python3
import json, sys, time
verb, spec = sys.argv[1], json.load(sys.stdin)
if verb == "echo":
    print(json.dumps({"said": spec["say"]}))
elif verb == "refuse":
    sys.exit("fairlead refuse: the disk is full\\nfree some of it")
elif verb == "hang":
    time.sleep(60)
else:
    print("usage: fairlead echo|refuse < input.json", file=sys.stderr)
    sys.exit(2)
`;

const answer = z.object({ said: z.string() });

/** The host tools themselves: path below their folder → content. */
function hostTools(): Record<string, string> {
  const folder = join(__dirname, "../../assets/host/fairlead");
  const names = (readdirSync(folder, { recursive: true }) as string[]).filter((name) =>
    /\.(py|json|cfg)$/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

onEngine("the SSH client of the automation", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "fairlead-ssh-"));
  const [hostKey, login] = [0, 1].map(() => keyPair());
  let container: Docker.Container;
  let connection: Connection;

  before("a server that runs sshd and nothing else", async function () {
    this.timeout(360_000);
    const { box } = await published(["box"]);
    container = await docker.createContainer({
      name: `${PREFIX}-ssh`,
      Image: box,
      Entrypoint: ["sh", "-c", "mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e"],
      ExposedPorts: { "22/tcp": {} },
      HostConfig: { PortBindings: { "22/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
    });
    const files = pack();
    files.entry({ name: "etc/ssh/fairlead_host_ed25519_key", mode: 0o600 }, hostKey!.private);
    files.entry({ name: "root/.ssh/authorized_keys", mode: 0o600 }, `${login!.public}\n`);
    files.entry({ name: "usr/local/bin/tool", mode: 0o755 }, TOOL);
    // As a hardened server greets.
    files.entry({ name: "etc/ssh/sshd_config.d/00-banner.conf" }, "Banner /etc/issue.net\n");
    files.entry({ name: "etc/issue.net" }, "This system is private.\n");
    for (const [path, content] of Object.entries(hostTools()))
      files.entry({ name: `opt/tools/fairlead/${path}` }, content);
    files.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of files) chunks.push(chunk as Buffer);
    await container.putArchive(Buffer.concat(chunks), { path: "/" });
    await container.start();
    await until(container, 10, "test", "-S", "/run/sshd", "-o", "-d", "/run/sshd");
    const port = Number((await container.inspect()).NetworkSettings.Ports["22/tcp"]![0]!.HostPort);
    const [identity, knownHosts] = [join(folder, "identity"), join(folder, "known_hosts")];
    writeFileSync(identity, login!.private);
    chmodSync(identity, 0o600);
    writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey!.public}\n`);
    connection = { host: "127.0.0.1", port, user: "root", identity, knownHosts, tool: "tool" };
  });
  after(async () => {
    await cleanUp();
    rmSync(folder, { recursive: true });
  });

  const server = (changes: Partial<Connection> = {}): Server =>
    new Server(reachOf({ ...connection, ...changes }));
  const fails = (work: Promise<unknown>, reason: Reason, message: RegExp): Promise<void> =>
    assert.rejects(work, (error) => {
      assert.ok(error instanceof CallFailed && error.remedy !== "", String(error));
      assert.equal(error.reason, reason);
      assert.match(error.message, message);
      return true;
    });

  it("gives a checked answer, and passes every character on", async () => {
    const say = `it's "$HOME" and {é}`;
    assert.deepEqual(await server().call("echo", { say }, answer), { said: say });
  });

  it("names what is wrong with an answer, and never shows it", async () => {
    const strict = z.object({ said: z.number() });
    const failed = server().call("echo", { say: "hunter2" }, strict);
    await fails(failed, "unexpected", /answered echo with something unexpected: said is not/);
    await assert.rejects(failed, (error) => !String((error as Error).stack).includes("hunter2"));
  });

  it("distinguishes tools that refuse, tools of an earlier version, silence, and a server out of reach", async () => {
    await fails(
      server().call("refuse", {}, answer),
      "refused",
      /^refuse: the disk is full\nfree some of it$/,
    );
    await fails(server().call("new-verb", {}, answer), "outdated", /older than this project/);
    await fails(
      server().call("hang", {}, answer, { seconds: 2 }),
      "timeout",
      /didn't answer hang within 2 s/,
    );
    await fails(server({ port: 1 }).call("echo", {}, answer), "unreachable", /can't be reached: .*refused/);
  });

  it("refuses a server that shows another key", async () => {
    // By another name, because a connection that is open already is used again.
    const other = { host: "localhost", knownHosts: join(folder, "others") };
    const trust = (key: string): void =>
      writeFileSync(other.knownHosts, `[localhost]:${connection.port} ${key}\n`);
    trust(hostKey!.public);
    assert.deepEqual(await server(other).call("echo", { say: "" }, answer), { said: "" });
    await execa("ssh", ["-O", "exit", ...reachOf({ ...connection, ...other }).ssh]);
    trust(login!.public);
    await fails(server(other).call("echo", { say: "" }, answer), "unreachable", /verification failed/);
  });

  it("asks Docker, and gives its words where it doesn't answer", async () => {
    // On a connection that is open already, sshd shows no banner.
    for (let times = 0; times < 2; times++) {
      assert.match(await server().docker(["--version"]), /^Docker version [^\n]*$/);
      await execa("ssh", ["-O", "exit", ...reachOf(connection).ssh]);
    }
    assert.deepEqual(await server().call("echo", { say: "x" }, answer), { said: "x" });
    await fails(server().docker(["ps"]), "refused", /^docker ps: Cannot connect to the Docker daemon/);
  });

  it("passes words to Docker as they are", async () => {
    const format = `{{.Client.Version}} it's; $HOME`;
    await fails(server().docker(["version", "--format", format]), "refused", /Cannot connect/);
    assert.match(await server().docker(["--help"]), /Usage: {2}docker/);
  });

  it("copies files", async () => {
    writeFileSync(join(folder, "some file"), "content");
    await server().copy(join(folder, "some file"), "/tmp/copied");
    assert.deepEqual(await run(container, "cat", "/tmp/copied"), { code: 0, out: "content" });
    assert.equal(readFileSync(join(folder, "some file"), "utf8"), "content");
    await fails(server().copy(join(folder, "some file"), "/nowhere/copied"), "refused", /nowhere/);
    await fails(server({ port: 1 }).copy(join(folder, "some file"), "/tmp/x"), "unreachable", /refused/);
  });

  it("asks the audit's questions as root without any tools on the server, and says why where it may not", async () => {
    const command = (user: string): string => ["ssh", ...reachOf({ ...connection, user }).ssh].join(" ");
    const text = `it's "$HOME" and {é}`;
    const { said } = await askOver(Server.by(command("root")))({ said: { run: ["printf", "%s", text] } });
    assert.deepEqual(said, { code: 0, out: text, err: "" });
    await assert.rejects(askOver(Server.by(command("guest")))({}), /can't be reached: .*Permission denied/);
  });

  it("opens a tunnel to what only the server reaches, through the host tools", async () => {
    const serve = "cd /srv && exec python3 -m http.server 9000 --bind 127.0.0.1 >/dev/null 2>&1";
    await run(container, "sh", "-c", "cp /etc/hostname /srv; head -c 3000000 /dev/urandom > /srv/large");
    await run(container, "sh", "-c", `(${serve}) &`);
    await until(container, 10, "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9000");
    const tools = { tool: "PYTHONPATH=/opt/tools python3 -m fairlead" };
    const words: string[] = [];
    const tunnel = await server(tools).tunnel({ host: "localhost", port: 9000 }, (why) => words.push(why));
    const expected = (await run(container, "cat", "/etc/hostname")).out;
    const asked = [1, 2, 3].map(async () => (await fetch(`http://127.0.0.1:${tunnel.port}/hostname`)).text());
    assert.deepEqual(
      (await Promise.all(asked)).map((text) => text.trim()),
      [expected, expected, expected],
    );
    const large = await (await fetch(`http://127.0.0.1:${tunnel.port}/large`)).arrayBuffer();
    assert.equal(large.byteLength, 3_000_000);
    tunnel.close();
    await assert.rejects(fetch(`http://127.0.0.1:${tunnel.port}/hostname`));
    assert.deepEqual(words, []);
  });

  it("says why a tunnel leads nowhere, and closes the connection", async () => {
    const tools = { tool: "PYTHONPATH=/opt/tools python3 -m fairlead" };
    const reasons: Record<string, RegExp> = {
      "127.0.0.1": /tunnel carry: 127\.0\.0\.1:9 can't be reached: .*refused/,
      "no-such-container": /there is no host and no container no-such-container/,
    };
    for (const [host, reason] of Object.entries(reasons)) {
      const words: string[] = [];
      const tunnel = await server(tools).tunnel({ host, port: 9 }, (why) => words.push(why));
      await assert.rejects(fetch(`http://127.0.0.1:${tunnel.port}/`));
      tunnel.close();
      assert.match(words.join(), reason);
    }
  });

  it("offers a registry of this machine to the server for as long as a run lives", async () => {
    const large = randomBytes(5_000_000);
    const registry = createServer((request, response) =>
      response.end(request.url === "/large" ? large : `here: ${request.url}`),
    );
    await new Promise<void>((done) => registry.listen(0, "127.0.0.1", done));
    const parent = spawn("sleep", ["60"]);
    const { ssh } = reachOf(connection);
    const command = "PYTHONPATH=/opt/tools python3 -m fairlead registry offer";
    const port = (registry.address() as AddressInfo).port;
    const message = {
      ssh,
      command,
      hello: { port: 5959 },
      registry: { host: "127.0.0.1", port },
      parent: parent.pid,
    };
    try {
      assert.deepEqual(await startSession("offer-registry.mjs", message), { state: "open" });
      const asked = [1, 2, 3].map((one) =>
        run(container, "curl", "-sS", "--max-time", "20", `http://127.0.0.1:5959/${one}`),
      );
      assert.deepEqual(
        (await Promise.all(asked)).map(({ out }) => out),
        ["here: /1", "here: /2", "here: /3"],
      );
      const got = await run(container, "sh", "-c", "curl -sS http://127.0.0.1:5959/large | sha256sum");
      assert.equal(got.out.split(" ")[0], createHash("sha256").update(large).digest("hex"));
      const second = await startSession<{ state: string; words: string }>("offer-registry.mjs", message);
      assert.equal(second.state, "refused");
      assert.match(second.words, /127\.0\.0\.1:5959 can't be used .*Another program has that port/);
    } finally {
      parent.kill();
      registry.close();
      registry.closeAllConnections();
    }
    await until(container, 10, "bash", "-c", "! exec 3<>/dev/tcp/127.0.0.1/5959");
  });
});
