import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { publishApplication, type Published } from "../../automation/build/publish.ts";
import { hasImage } from "../../automation/images/engine.ts";
import { registryAddress } from "../../automation/images/index.ts";
import { explain, UserError } from "../../automation/lib/errors.ts";
import { digestNow } from "../../automation/setup/digest.ts";
import { LOCAL_REGISTRY } from "../../config/images.ts";
import type { Parsed } from "../../config/parse.ts";
import { parsed } from "../support/settings.ts";
import { cleanUp, docker, onEngine, PREFIX, published } from "./support.ts";

/** The password "s3cret word" of the user "you" as htpasswd -B keeps it; it opens this test's registry alone. */
const HTPASSWD = "you:$2b$05$abcdefghijklmnopqrstuuDM.KJwaIBUdFNSI0sjlLSPixyAOKFFm\n";
const PASSWORD = "s3cret word";

onEngine("a registry that wants a login", function () {
  this.timeout(60_000);
  const app = `${PREFIX}-shop`;
  let folder: string;
  let host: string;
  let container: Docker.Container;

  before(async function () {
    this.timeout(300_000);
    await published(["redis"]);
    const made = await docker.listImages({ filters: { label: ["io.fairlead.image=registry"] } });
    container = await docker.createContainer({
      name: `${PREFIX}-private`,
      Image: made[0]!.Id,
      Env: [
        "REGISTRY_AUTH=htpasswd",
        "REGISTRY_AUTH_HTPASSWD_REALM=test",
        "REGISTRY_AUTH_HTPASSWD_PATH=/etc/docker/registry/htpasswd",
      ],
      HostConfig: { PortBindings: { "5000/tcp": [{ HostIp: "127.0.0.1" }] } },
      ExposedPorts: { "5000/tcp": {} },
    });
    const files = pack();
    files.entry({ name: "htpasswd" }, HTPASSWD);
    files.finalize();
    await container.putArchive(Readable.from(files), { path: "/etc/docker/registry" });
    await container.start();
    const { Ports } = (await container.inspect()).NetworkSettings;
    host = `127.0.0.1:${Ports["5000/tcp"]![0]!.HostPort}`;
    folder = await mkdtemp(join(tmpdir(), "logins-"));
    await writeFile(join(folder, "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
  });
  after(async () => {
    const built = await docker.listImages({ filters: { label: [`io.fairlead.built-for=${app}`] } });
    for (const { Id } of built) await docker.getImage(Id).remove({ force: true });
    await cleanUp();
    await rm(folder, { recursive: true });
  });

  const settings = (image: string, password?: string): Parsed => ({
    ...parsed({
      apps: { [app]: { image, build: folder, port: 80 } },
      registries: password === undefined ? {} : { [host]: { username: "you", password: "TOKEN" } },
    }),
    secrets: password === undefined ? {} : ({ TOKEN: password } as Record<string, string>),
  });
  const publish = async (tag: string, password?: string): Promise<Published> =>
    publishApplication({
      stack: "test",
      app,
      settings: settings(`${host}/you/shop:${tag}`, password),
      architecture: (await docker.version()).Arch,
      say: () => undefined,
    });
  const resolve = (tag: string, password?: string): Promise<string> => {
    const reference = `${host}/you/shop:${tag}`;
    return digestNow(reference, settings(reference, password), () => undefined);
  };
  const refused = (message: RegExp, remedy: RegExp) => (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    const said = explain(error);
    assert.match(said.message, message);
    assert.match(said.remedy ?? "", remedy);
    assert.ok(!`${said.message}${said.remedy}`.includes("s3cret"));
    return true;
  };

  it("takes what is built here, tells its digest by tag, and gives it to an engine that logs in", async () => {
    const { digest } = await publish("1", PASSWORD);
    assert.equal(await resolve("1", PASSWORD), digest);
    const image = `${host}/you/shop@${digest}`;
    await docker.getImage(image).remove({ force: true });
    const authconfig = { username: "you", password: PASSWORD };
    const stream = await docker.pull(image, { authconfig });
    await new Promise((done) => docker.modem.followProgress(stream, done));
    assert.ok(await hasImage(docker, image));
  });

  it("refuses a stack without a login, and the message says how one is set", async () => {
    const remedy = new RegExp(`registries\\."${host}": \\{username, password: NAME_OF_A_SECRET\\}`);
    await assert.rejects(publish("2"), refused(/could not be pushed: .*no basic auth credentials/, remedy));
    await assert.rejects(resolve("1"), refused(/the registry asks for a login \(401\)/, remedy));
  });

  it("refuses a wrong password, and the message says who logs in and never with what", async () => {
    const wrong = `${PASSWORD}!`;
    await assert.rejects(publish("3", wrong), refused(/could not be pushed: .*unauthorized/, /user you/));
    await assert.rejects(
      resolve("1", wrong),
      refused(/refuses the login \(401\)/, new RegExp(`registries\\."${host}" \\(user you\\)`)),
    );
  });

  it("says of a tag that isn't there what to check", () =>
    assert.rejects(resolve("none", PASSWORD), refused(/answered 404/, /Check the tag/)));

  it("is not the only one: the registry of this machine tells the digest of a tag under its own name", async () => {
    const registry = await registryAddress();
    const reference = `${LOCAL_REGISTRY}/${PREFIX}/mine:1`;
    const now = (): Promise<string> => digestNow(reference, settings(reference), () => undefined);
    const way = new RegExp(`docker push ${registry}/${PREFIX}/mine:1$`);
    await assert.rejects(now(), refused(/The registry of this machine has no .*\/mine:1/, way));
    const name = { repo: `${registry}/${PREFIX}/mine`, tag: "1" };
    await docker.getImage((await container.inspect()).Image).tag(name);
    const image = docker.getImage(`${name.repo}:1`);
    const stream = await image.push({ authconfig: { username: "", password: "" } });
    await new Promise((done) => docker.modem.followProgress(stream, done));
    const digest = await now();
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    await image.remove();
    const url = `http://${registry}/v2/${PREFIX}/mine/manifests/${digest}`;
    assert.equal((await fetch(url, { method: "DELETE" })).status, 202);
  });
});
