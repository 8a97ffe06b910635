import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Project, sampleStacks, type Ran } from "./project.ts";

const ROOT = resolve(__dirname, "..", "..", "..");

/** In which automation/bootstrap.mjs remembers the lock file that was installed. */
const STAMP = ".fairlead-lock";

/** The version that people's stacks were brought up with. */
export const RELEASED = "3ef5e3d";

/** Why there can't be one here; `undefined` when there can. */
export function oldVersionMissing(commit = RELEASED): string | undefined {
  try {
    execFileSync("git", ["cat-file", "-e", `${commit}^{commit}`], { cwd: ROOT, stdio: "ignore" });
    return undefined;
  } catch {
    return `commit ${commit} isn't in this clone's history: git fetch --unshallow`;
  }
}

/**
 * A project of an earlier version, its engine included, with the sample's stack files of then; {@link update} makes it
 * one of today's, as `git pull` does for a user with a stack.
 */
export class OldProject extends Project {
  constructor(private readonly commit = RELEASED) {
    super({});
    const now = mkdtempSync(join(tmpdir(), "fairlead-now-"));
    cpSync(this.folder, now, { recursive: true, verbatimSymlinks: true });
    this.today = now;
    this.putOld();
    for (const stack of Object.keys(sampleStacks())) this.liftLimits(stack);
  }

  private readonly today: string;
  private updated = false;

  /** The old version knows fewer options. */
  override run(verb: string, ...args: string[]): Promise<Ran> {
    const watch = this.updated ? -1 : args.indexOf("--watch");
    return super.run(verb, ...args.filter((_, at) => watch < 0 || (at !== watch && at !== watch + 1)));
  }

  /** The files of this checkout instead of the old ones; stack files and state stay. */
  update(): void {
    this.updated = true;
    this.replace(() => cpSync(this.today, this.folder, { recursive: true, verbatimSymlinks: true }));
  }

  /** The old version again, as `git checkout` brings it; stack files and state stay. */
  goBack(): void {
    this.updated = false;
    this.putOld();
  }

  override remove(): void {
    rmSync(this.today, { recursive: true, force: true });
    super.remove();
  }

  private putOld(): void {
    this.replace(() => {
      const tar = execFileSync("git", ["archive", this.commit], { cwd: ROOT, maxBuffer: 1024 ** 3 });
      // Its stack files the first time only: afterwards they hold digests and secrets.
      const left = existsSync(join(this.folder, ".fairlead")) ? ["--exclude=Pulumi.*.yaml"] : [];
      execFileSync("tar", ["-x", "-C", this.folder, ...left], { input: tar });
    });
    this.ownEngine();
  }

  private replace(put: () => void): void {
    const mine = /^(Pulumi\..+\.yaml|\.fairlead)$/;
    for (const name of readdirSync(this.folder).filter((one) => !mine.test(one)))
      rmSync(join(this.folder, name), { recursive: true, force: true });
    put();
  }

  /** The packages are the checkout's, but for the engine, which is the old version's own. */
  private ownEngine(): void {
    const [from, to] = [join(ROOT, "node_modules"), join(this.folder, "node_modules")];
    const link = (path: string, target = join(from, path)): void => {
      mkdirSync(dirname(join(to, path)), { recursive: true });
      symlinkSync(target, join(to, path));
    };
    const own = [".bin", "@fairlead", STAMP];
    for (const name of readdirSync(from).filter((one) => !own.includes(one))) link(name);
    // Otherwise its bootstrap would install what its own lock file says.
    const lock = readFileSync(join(this.folder, "package-lock.json"));
    writeFileSync(join(to, STAMP), createHash("sha256").update(lock).digest("hex"));
    for (const name of readdirSync(join(from, ".bin")).filter((one) => one !== "pulumi"))
      link(join(".bin", name));
    link("@fairlead/engine", join(this.folder, "engine"));
    link(".bin/pulumi", join(this.folder, "engine", "bin", "pulumi.mjs"));
  }
}
