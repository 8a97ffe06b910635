import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";

const ROOT = resolve(__dirname, "..", "..");

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

function files(pattern: RegExp): string[] {
  const options = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const list = execFileSync("git", options, { cwd: ROOT, encoding: "utf8" }).split("\0");
  return list.filter((path) => pattern.test(path) && existsSync(join(ROOT, path)));
}

/** Folders of this repository that are packages, the longest path first, and the root, `.`, last. */
const folders = files(/(^|\/)package\.json$/)
  .filter((path) => !/\/(fixtures|support)\//.test(path))
  .map(dirname)
  .sort((one, other) => other.length - one.length);

/** The package that a file belongs to; what the sample applications share is bundled into each of them. */
function homesOf(path: string): string[] {
  if (path.startsWith("examples/apps/common/")) return ["examples/apps/backend", "examples/apps/frontend"];
  return [folders.find((folder) => path.startsWith(`${folder}/`)) ?? "."];
}

/** Packages that a file imports, without Node's own. */
function imports(path: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, path), "utf8"), true, true);
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => !/^[./]/.test(name) && !isBuiltin(name))
    .map((name) => name.split("/", name.startsWith("@") ? 2 : 1).join("/"));
}

describe("package.json", () => {
  for (const folder of folders)
    it(`of ${folder === "." ? "the root" : folder} declares every package that its files import`, () => {
      const manifest = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")) as Manifest;
      const { name, dependencies, devDependencies, peerDependencies } = manifest;
      const declared = { ...dependencies, ...devDependencies, ...peerDependencies };
      const mine = files(/\.(ts|mts|mjs|cjs|tsx)$/).filter(
        (path) => homesOf(path).includes(folder) && !path.includes("/fixtures/"),
      );
      const found = mine.flatMap((path) => imports(path).map((wanted) => ({ path, wanted })));
      assert.ok(found.length > 0, "nothing is imported");
      const undeclared = found.filter(({ wanted }) => !(wanted in declared) && wanted !== name);
      assert.deepEqual(undeclared, []);
    });

  it("gives every package in one exact version, the same everywhere", () => {
    const versions = new Map<string, Set<string>>();
    for (const folder of folders) {
      const manifest = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")) as Manifest;
      for (const set of [manifest.dependencies, manifest.devDependencies, manifest.peerDependencies])
        for (const [name, version] of Object.entries(set ?? {}))
          versions.set(name, (versions.get(name) ?? new Set()).add(version));
    }
    assert.ok(versions.size > 10);
    for (const [name, all] of versions) {
      assert.equal(all.size, 1, `${name}: ${[...all].join(", ")}`);
      assert.match([...all][0]!, /^\d+\.\d+\.\d+$/, name);
    }
  });
});
