import Docker from "dockerode";
import { execa } from "execa";
import { buildLocally } from "../../automation/images/index.ts";
import { ensureDocker } from "../../automation/setup/docker.ts";
import { ensurePackages, type Package } from "../../automation/setup/packages.ts";

const LINTERS: Package[] = [
  { name: "shellcheck", provides: "shellcheck" },
  { name: "python3-pyflakes", provides: "/usr/lib/python3/dist-packages/pyflakes/__main__.py" },
  { name: "git", provides: "git" },
];

const SHELLS: Package[] = [
  { name: "bash-completion", provides: "/usr/share/bash-completion/bash_completion" },
  { name: "fish", provides: "fish" },
  { name: "zsh", provides: "zsh" },
];

const MONITORING: Package[] = [
  { name: "prometheus", provides: "promtool" },
  { name: "prometheus-alertmanager", provides: "amtool" },
];

const STORES: Package[] = [
  { name: "postgresql", provides: "/usr/lib/postgresql" },
  { name: "redis-server", provides: "redis-server" },
];

const BROWSER: Package[] = [{ name: "chromium", provides: "chromium" }];

/** On Debian 12 it comes with the engine. */
const CLIENT: Package[] = [{ name: "docker-cli", provides: "docker" }];

/**
 * What the stages need and a bare machine lacks; each step says what it did.
 * @param yes install without a question
 */
export async function setUp(stages: string[], out: NodeJS.WritableStream, yes: boolean): Promise<void> {
  const options = { yes, onProgress: (line: string) => void out.write(`${line}\n`) };
  const done: string[] = [];
  if (stages.includes("lint")) done.push(...(await ensurePackages(LINTERS, "The linters need", options)));
  if (stages.includes("unit"))
    done.push(
      ...(await ensurePackages(
        [...SHELLS, ...MONITORING],
        "The tests of completion and of rules need",
        options,
      )),
    );
  if (stages.includes("examples"))
    done.push(...(await ensurePackages(STORES, "The sample applications' tests need", options)));
  if (stages.some((stage) => ["examples", "integration"].includes(stage)))
    done.push(...(await ensurePackages(BROWSER, "The tests of pages need", options)));
  if (stages.some((stage) => ["engine", "images", "integration"].includes(stage)))
    done.push(...(await ensureDocker(options)));
  if (stages.includes("integration"))
    done.push(...(await ensurePackages(CLIENT, "The tests on a box need", options)));
  if (stages.includes("engine")) await baseForEngine(options.onProgress);
  if (stages.includes("examples")) await buildSamples();
  for (const line of done) out.write(`Set up: ${line}\n`);
}

/** A Debian system by a name that the engine's tests know; they import nothing of the project's. */
async function baseForEngine(onProgress: (line: string) => void): Promise<void> {
  const image = new Docker().getImage(await buildLocally("bookworm", onProgress));
  await image.tag({ repo: "localhost/fairlead/bookworm", tag: "base" });
}

async function buildSamples(): Promise<void> {
  for (const app of ["backend", "frontend"]) {
    await execa("npm", ["run", "--silent", "build", "--workspace", `examples/apps/${app}`]);
  }
}
