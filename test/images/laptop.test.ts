import assert from "node:assert/strict";
import { resolve } from "node:path";
import type Docker from "dockerode";
import { packContext } from "../../automation/images/context.ts";
import { drain } from "../../automation/images/engine.ts";
import { buildLocally } from "../../automation/images/index.ts";
import { packageAccess } from "../../automation/images/machine.ts";
import { infrastructureImage } from "../../config/images.ts";
import { Project, sampleStacks } from "../integration/support/project.ts";
import { digest } from "../support/settings.ts";
import { cleanUp, docker, onEngine, PREFIX, run } from "./support.ts";

const ROOT = resolve(__dirname, "..", "..");
const SOCKET = "/var/run/docker.sock";

/** A rented server that nobody listens on, with images whose digests are recorded. */
const RENTED = `config:
  fairlead:domain: example.com
  fairlead:server:
    address: 127.0.0.1
    port: 9
    hostKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Z7tRgqVbVqN2sSPC7iCTvbF7PqOQvI6Y8vGm3nK0q
  fairlead:database: {enabled: false}
  fairlead:cache: {enabled: false}
  fairlead:digests:
    ${infrastructureImage("official", "haproxy")}: ${digest("a")}
    ${infrastructureImage("official", "nginx")}: ${digest("b")}
  fairlead:apps:
    shop: {image: "ghcr.io/you/shop@${digest("c")}", port: 8000, routes: [{path: /}]}
`;

/** A Debian without anything of Debian: Node, an ssh client, and the engine of this machine. */
onEngine("a machine without apt", function () {
  this.timeout(60_000);
  const image = `localhost/${PREFIX}/laptop`;
  let project: Project;
  let machine: Docker.Container;

  before(async function () {
    this.timeout(300_000);
    project = new Project({ staging: sampleStacks().staging!, prod: RENTED });
    project.write("Pulumi.built.yaml", RENTED.replace(/image: "[^"]*"/, "build: ./shop"));
    const lines = [
      `FROM ${await buildLocally("node", () => undefined)}`,
      "USER root",
      "RUN install-packages openssh-client",
      "RUN rm -rf /usr/bin/apt* /usr/bin/dpkg* /etc/apt /var/lib/apt /var/lib/dpkg /usr/share/keyrings",
    ];
    const file = { path: "Dockerfile", content: Buffer.from(lines.join("\n")), executable: false };
    const { proxies } = await packageAccess();
    const options = { t: image, buildargs: proxies, networkmode: "host", forcerm: true };
    await drain(await docker.buildImage(packContext([file]), options));
    machine = await docker.createContainer({
      name: `${PREFIX}-laptop`,
      Image: image,
      Cmd: ["sleep", "infinity"],
      WorkingDir: project.folder,
      HostConfig: {
        NetworkMode: "host",
        Init: true,
        // The packages and the engine lead to the checkout.
        Binds: [`${project.folder}:${project.folder}`, `${ROOT}:${ROOT}:ro`, `${SOCKET}:${SOCKET}`],
      },
    });
    await machine.start();
  });
  after(async () => {
    await cleanUp();
    await docker.getImage(image).remove({ force: true });
    project.remove();
  });

  const inside = async (...command: string[]): Promise<void> => {
    const { code, out } = await run(machine, ...command);
    assert.equal(code, 0, out);
  };
  const verb = (name: string, stack: string): Promise<{ code: number; out: string }> =>
    run(machine, "node", "automation/bootstrap.mjs", "automation/cli.ts", name, "--stack", stack, "--yes");

  it("has no apt, and nothing that makes a Debian", async () => {
    for (const program of ["apt-get", "dpkg", "mmdebstrap"])
      assert.notEqual((await run(machine, "sh", "-c", `command -v ${program}`)).code, 0, program);
  });

  it("is told the command of its own system for what it lacks", async () => {
    await inside("mv", "/usr/bin/ssh", "/usr/bin/ssh.away");
    await inside("cp", "/bin/true", "/usr/local/bin/dnf");
    try {
      const { code, out } = await verb("setup", "prod");
      assert.equal(code, 1);
      assert.match(out, /Missing on this machine: ssh, and this machine has no apt-get to install it/);
      assert.match(out, /Type: sudo dnf install openssh-clients, and run the same command again/);
    } finally {
      await inside("mv", "/usr/bin/ssh.away", "/usr/bin/ssh");
      await inside("rm", "/usr/local/bin/dnf");
    }
  });

  it("is told what a box takes, and which stacks take none of it", async () => {
    const { code, out } = await verb("up", "staging");
    assert.equal(code, 1);
    assert.match(out, /Missing on this machine: mmdebstrap, .*debian-archive-keyring\.gpg/);
    assert.match(
      out,
      /needed for a box, .*: a stack with an address, images: official and applications of your own/,
    );
  });

  it("deploys to a rented server, up to where that one is needed", async () => {
    const set = await verb("setup", "prod");
    assert.equal(set.code, 0, set.out);
    const { code, out } = await verb("up", "prod");
    assert.equal(code, 1);
    assert.match(out, /ssh root@127\.0\.0\.1:9 after 5 failed attempts/);
  });

  it("builds for a rented server, and asks that one first for whom", async () => {
    await inside("mkdir", "shop");
    await inside("sh", "-c", "echo FROM scratch > shop/Dockerfile");
    const { code, out } = await verb("setup", "built");
    assert.equal(code, 1);
    assert.match(out, /127\.0\.0\.1 can't be asked for its processor, for which the image is built/);
    assert.match(out, /ssh -p 9 root@127\.0\.0\.1 shows more/);
  });
});
