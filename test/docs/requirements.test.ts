import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { anchors, ROOT, texts } from "./texts.ts";

const TEXTS = texts();
const DOCUMENT = "docs/requirements.md";
const text = TEXTS.get(DOCUMENT)!;

interface Row {
  id: string;
  systems: string;
  requirement: string;
  where: string;
}

const rows: Row[] = [...text.matchAll(/^\| ([A-Z]\d+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$/gm)].map(
  ([, id, systems, requirement, where]) => ({
    id: id!,
    systems: systems!,
    requirement: requirement!,
    where: where!,
  }),
);
const ids = new Set(rows.map(({ id }) => id));

/** What a short link's name stands for, from the end of the document. */
const targets = new Map(
  [...text.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)].map(([, name, target]) => [name!, target!]),
);

/** Percentiles of durations; no family has so many rows. */
const QUANTILES = /^P[5-9]\d$/;

/** Where the links of a cell lead: `[words](target)` or `[name][]`. */
function links(cell: string): string[] {
  const inline = [...cell.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!);
  const short = [...cell.matchAll(/\[([^\]]+)\]\[\]/g)].map(([, name]) => targets.get(name!) ?? `[${name!}]`);
  return [...inline, ...short];
}

/** Whether a link of the document leads to a file, and to a heading in it when it names one. */
function resolves(link: string): boolean {
  const [name, anchor] = link.split("#") as [string, string?];
  const path = join("docs", name);
  if (!existsSync(join(ROOT, path))) return false;
  return anchor === undefined || anchors(TEXTS.get(path) ?? "").includes(anchor);
}

describe("docs/requirements.md", () => {
  it("has every line of its tables in the form that the other tests read", () => {
    const lines = text.split("\n").filter((line) => /^\|(?! id |-)/.test(line));
    assert.equal(rows.length, lines.length);
    assert.equal(ids.size, rows.length, "one line an id");
  });

  it("counts each family from 1 on, without a gap", () => {
    const families = new Map<string, number[]>();
    for (const id of ids) families.set(id[0]!, [...(families.get(id[0]!) ?? []), Number(id.slice(1))]);
    assert.equal([...families.keys()].join(""), "HTEADCBRSMNKPO");
    for (const [family, numbers] of families)
      assert.deepEqual(
        numbers,
        numbers.map((_, index) => index + 1),
        family,
      );
  });

  it("says of each which system wants it, what, and where it is met or that it isn't yet", () => {
    for (const { id, systems, requirement, where } of rows) {
      assert.match(systems, /^(m|e|l|m e|m l|e l|m e l)$/, id);
      assert.ok(requirement.length > 10 && where.length >= 5, id);
    }
  });

  it("leads to files and headings that exist", () => {
    const all = rows.flatMap(({ id, where }) => links(where).map((link) => ({ id, link })));
    assert.ok(all.length > 150);
    assert.deepEqual(
      all.filter(({ link }) => !resolves(link)),
      [],
    );
    const used = new Set(all.map(({ link }) => link));
    assert.deepEqual(
      [...targets.values()].filter((target) => !used.has(target)),
      [],
      "defined and not used",
    );
  });

  it("names checks of the audit that exist", () => {
    const audit = TEXTS.get("docs/audit.md")!;
    const named = rows.flatMap(({ id, where }) =>
      [...where.matchAll(/\b([a-z]+\.(?:[a-z0-9-]+|\*))`/g)]
        .filter(([, check]) => audit.includes(`| \`${check!.split(".")[0]}.`))
        .map(([, check]) => ({ id, check: check! })),
    );
    assert.ok(named.length > 20);
    const missing = named.filter(({ check }) => !audit.includes(`| \`${check.replace(/\*$/, "")}`));
    assert.deepEqual(missing, []);
  });

  it("has every id that code, settings and documents name", () => {
    const family = [...new Set([...ids].map((id) => id[0]))].join("");
    const named = new RegExp(`(?<![\\w.#/$+=&-])[${family}]\\d{1,2}(?![\\w./%:=-]|, [a-z]+=)`, "g");
    let count = 0;
    const unknown: string[] = [];
    for (const [path, words] of TEXTS) {
      if (path === DOCUMENT) continue;
      for (const { 0: id, index } of words.matchAll(named)) {
        if (QUANTILES.test(id)) continue;
        count++;
        if (!ids.has(id)) unknown.push(`${path}:${words.slice(0, index).split("\n").length}: ${id}`);
      }
    }
    assert.ok(count > 400, `${count} found`);
    assert.deepEqual(unknown, []);
  });
});
