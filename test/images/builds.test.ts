import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage } from "../../automation/build/build.ts";
import { buildLocally } from "../../automation/images/index.ts";
import { UserError } from "../../automation/lib/errors.ts";
import { docker, onEngine, PREFIX } from "./support.ts";

onEngine("a build of an application on this machine's engine", function () {
  this.timeout(60_000);
  let base: string;
  let here: string;
  let folder: string;

  before(async function () {
    this.timeout(300_000);
    base = await buildLocally("bookworm", () => undefined);
    here = (await docker.version()).Arch;
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "builds-"));
    await writeFile(join(folder, "code"), "one");
    await writeFile(join(folder, "secret"), "not for an image");
    await writeFile(join(folder, ".dockerignore"), "secret\n");
  });
  afterEach(() => rm(folder, { recursive: true }));
  after(async () => {
    const built = await docker.listImages({ filters: { label: [`io.fairlead.built-for=${PREFIX}`] } });
    for (const { Id } of built) await docker.getImage(Id).remove({ force: true });
  });

  async function build(dockerfile: string, architecture = here, target?: string): Promise<string> {
    await writeFile(join(folder, "Dockerfile"), dockerfile);
    const settings = { context: folder, dockerfile: "Dockerfile", args: { WORD: "hello" }, target };
    const name = `localhost/${PREFIX}/built`;
    return buildImage({ app: PREFIX, build: settings, name, architecture, say: () => undefined });
  }
  const other = (): string => (here === "arm64" ? "amd64" : "arm64");

  it("has its stage, its arguments, and not what .dockerignore names", async () => {
    const id = await build(
      `FROM ${base} AS web\nARG WORD\nCOPY . /app/\nRUN test ! -e /app/secret\nENV SAID=$WORD\nFROM ${base}\nRUN exit 1\n`,
      here,
      "web",
    );
    const { Config, Architecture } = await docker.getImage(id).inspect();
    assert.ok(Config.Env.includes("SAID=hello"), Config.Env.join());
    assert.equal(Architecture, here);
  });

  it("is for a server with another processor", async () => {
    const id = await build("FROM scratch\nCOPY code /code\n", other());
    assert.equal((await docker.getImage(id).inspect()).Architecture, other());
  });

  it("is refused by the processor's name where the base is for another one, and nothing is left to publish", async () => {
    await assert.rejects(build(`FROM ${base}\nCOPY code /code\n`, other()), (error: unknown) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, new RegExp(other()));
      assert.match(error.remedy, new RegExp(`${other()}|--image`));
      return true;
    });
  });

  it("fails with the last words of the step that failed, and leaves no container of it", async () => {
    await assert.rejects(build(`FROM ${base}\nRUN echo last words ${PREFIX}; exit 3\n`), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /Building .* failed: docker build ended with \d+\.[^]*last words/);
      return true;
    });
    const containers = await docker.listContainers({ all: true });
    assert.ok(!containers.some(({ Command }) => Command.includes(PREFIX)));
  });
});
