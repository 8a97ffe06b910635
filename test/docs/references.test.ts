import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { anchors, ROOT, texts } from "./texts.ts";

const TEXTS = texts();

/** Everything that fits, as `where: what`, unless it resolves. */
function unresolved(pattern: RegExp, resolves: (found: RegExpExecArray, path: string) => boolean): string[] {
  let count = 0;
  const wrong: string[] = [];
  for (const [path, text] of TEXTS) {
    if (path === "test/docs/references.test.ts") continue;
    for (const found of text.matchAll(pattern)) {
      count++;
      if (resolves(found as RegExpExecArray, path)) continue;
      wrong.push(`${path}:${text.slice(0, found.index).split("\n").length}: ${found[0]}`);
    }
  }
  assert.ok(count > 0, `nothing names what ${pattern} finds`);
  return wrong;
}

/** The document that a path means, from the root or from the file that names it. */
function documentAt(name: string, from: string): string | undefined {
  const places = [name, join(dirname(from), name), join("docs", name)];
  return places.map((place) => TEXTS.get(place)).find((text) => text !== undefined);
}

describe("what the project's texts name", () => {
  it("are documents that exist, with the heading that an anchor means", () => {
    const found = unresolved(
      /(?<![\w/.:-])((?:\.\.?\/)*[\w/-]+\.md)(?:#([\w-]+))?/g,
      ([, name, anchor], path) => {
        if (name!.includes("NNNN")) return true;
        const text = documentAt(name!, path);
        return text !== undefined && (!anchor || anchors(text).includes(anchor));
      },
    );
    assert.deepEqual(found, []);
  });

  it("are links of documents to files, folders and headings that exist", () => {
    const found = unresolved(
      /\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g,
      ([, name, anchor], path) => {
        if (!path.endsWith(".md")) return true;
        const target = name === "" ? path : join(dirname(path), name!);
        if (!anchor) return existsSync(join(ROOT, target));
        return anchors(TEXTS.get(target) ?? "").includes(anchor);
      },
    );
    assert.deepEqual(found, []);
  });

  it("are decisions that exist and are in the list of decisions", () => {
    const index = TEXTS.get("docs/decisions/README.md")!;
    const files = [...TEXTS.keys()].filter((path) => /^docs\/decisions\/\d{4}-/.test(path));
    const numbers = files.map((path) => path.slice("docs/decisions/".length, "docs/decisions/".length + 4));
    assert.equal(new Set(numbers).size, files.length, "one number each");
    for (const path of files)
      assert.ok(index.includes(`(${path.split("/").at(-1)})`), `${path} isn't listed`);
    assert.deepEqual(
      unresolved(/\bdecisions?[ /](\d{4})\b/gi, ([, number]) => numbers.includes(number!)),
      [],
    );
  });

  it("are sections of README that exist", () => {
    const sections = anchors(TEXTS.get("README.md")!);
    const named = /README(?:\.md)?,\s+(?:(?:\*|#|\/\/)\s+)*(?:"([^"]+)"|([A-Z][a-z]+(?: [a-z]+)*))/g;
    const found = unresolved(named, ([, quoted, plain]) =>
      sections.includes((quoted ?? plain)!.toLowerCase().replaceAll(" ", "-")),
    );
    assert.deepEqual(found, []);
  });

  it("are runbooks that a document has, named with it", () => {
    const found = unresolved(/^.*\brunbooks?\b.*$/gim, ([line], path) => {
      if (/^CHANGELOG|^docs\/(faults|requirements)|^test\//.test(path)) return true;
      // Those of alerts have a file each, and a test that opens it.
      if (/^(components\/monitoring|config\/schema|docs\/(runbooks|configuration|monitoring))\b/.test(path))
        return true;
      const names = [...line.matchAll(/docs\/[\w-]+\.md/g)].map(([name]) => name);
      const documents = names.length > 0 ? names : path.endsWith(".md") ? [path] : [];
      return documents.some((name) => /^#+ Runbook: /m.test(TEXTS.get(name) ?? ""));
    });
    assert.deepEqual(found, []);
  });

  it("are commands that npm run knows", () => {
    const { scripts } = JSON.parse(TEXTS.get("package.json")!) as { scripts: Record<string, string> };
    const found = unresolved(/\bnpm run (?:--silent )?([a-z]+(?:[:-][a-z]+)*)/g, ([, name], path) => {
      const inside = /^examples\/apps\//.test(path) || name === "dev" || name === "build";
      return name! in scripts || inside;
    });
    assert.deepEqual(found, []);
  });

  it("are tests that exist, by the end of their path", () => {
    const tests = [...TEXTS.keys()].filter((path) => path.endsWith(".test.ts"));
    const found = unresolved(/[\w./-]*[\w-]\.test\.ts/g, ([name], path) => {
      const end = name.replace(/^(\.\.\/)+/, "");
      return !path.endsWith(".md") || tests.some((test) => `/${test}`.endsWith(`/${end}`));
    });
    assert.deepEqual(found, []);
  });

  it("are files of the project, wherever a document gives a path", () => {
    const tops = "assets|audit|automation|bench|components|config|docs|engine|examples|images|test";
    const path = new RegExp(`(?<![\\w/.-])(?:${tops})/[\\w/.-]+\\.(?:ts|mjs|cjs|py|sh|json|yaml|md)\\b`, "g");
    const found = unresolved(path, ([name], from) => {
      // What a build makes isn't there in a clone, and NNNN is a number to choose.
      if (!from.endsWith(".md") || /\/dist\/|NNNN|\.test\.ts$/.test(name)) return true;
      return TEXTS.has(name) || TEXTS.has(join(dirname(from), name));
    });
    assert.deepEqual(found, []);
  });
});
