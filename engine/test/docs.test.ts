import assert from "node:assert/strict";
import type { Command } from "commander";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildProgram } from "../src/cli/main.ts";
import { refusedOptions } from "../src/protocol/goals.ts";
import { packages } from "../src/providers/index.ts";

const docs = readFileSync(join(import.meta.dirname, "../../docs/engine.md"), "utf8");

/** The cells of the table that follows a heading. */
function table(heading: string): string[][] {
  const section = docs.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`));
  assert.ok(section, `docs/engine.md has no section "${heading}"`);
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const code = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? "");

function* commandsOf(command: Command, path: string): Generator<{ name: string; options: string[] }> {
  const options = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long ?? "");
  if (path) yield { name: path, options };
  for (const sub of command.commands) yield* commandsOf(sub, `${path} ${sub.name()}`.trim());
}

describe("docs/engine.md", () => {
  it("lists the commands and their options", () => {
    const program = buildProgram(() => Promise.resolve({}));
    const real = [...commandsOf(program, "")].map(({ name, options }) => [name, ...options.sort()]);
    const documented = table("Commands").map(([name = "", options = ""]) => [
      ...code(name),
      ...code(options).sort(),
    ]);
    assert.deepEqual(documented.sort(), real.sort());
    const global = program.options.map(({ long }) => long ?? "");
    assert.deepEqual(code(/^Everywhere: (.*)$/m.exec(docs)?.[1] ?? "").sort(), global.sort());
  });

  it("lists the providers and their types", () => {
    const real = packages.map(({ name, version, resources }) => [
      name,
      version,
      ...Object.keys(resources).sort(),
    ]);
    const documented = table("Providers").map(([name = "", version = "", types = ""]) => [
      ...code(name),
      version,
      ...code(types).sort(),
    ]);
    assert.deepEqual(documented.sort(), real.sort());
  });

  it("lists the refused resource options", () => {
    const line = /^Refused resource options: (.*)\.$/m.exec(docs)?.[1] ?? "";
    assert.deepEqual(code(line).sort(), Object.keys(refusedOptions).sort());
  });
});

describe("the engine's source", () => {
  const files = readdirSync(join(import.meta.dirname, "../src"), { recursive: true, withFileTypes: true });
  const sources = files.filter((f) => f.isFile()).map((f) => join(f.parentPath, f.name));

  it("has no file above 400 lines", () => {
    const long = sources.filter((path) => readFileSync(path, "utf8").split("\n").length > 401);
    assert.deepEqual(long, []);
  });

  it("is used by nothing but its own tests", () => {
    const root = join(import.meta.dirname, "../..");
    const folders = ["automation", "components", "config", "assets", "examples"];
    const uses = folders.flatMap((folder) => {
      let list: string[] = [];
      try {
        list = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
      } catch {
        return [];
      }
      return list
        .filter((path) => /\.[cm]?ts$/.test(path) && !path.includes("node_modules"))
        .filter((path) =>
          /from "[^"]*(@fairlead\/engine|\/engine\/src)/.test(readFileSync(join(root, folder, path), "utf8")),
        );
    });
    assert.deepEqual(uses, []);
  });
});
