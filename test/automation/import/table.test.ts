import assert from "node:assert/strict";
import { isMap, type Json } from "../../../automation/import/compose/json.ts";
import { specification } from "../../../automation/import/compose/validate.ts";
import { isKnown, rowOf, TABLE } from "../../../automation/import/table.ts";
import { CASES, DECLARED, type Case } from "./cases.ts";
import { at, importedFrom } from "./support.ts";

const FILES = {
  "some.env": "FROM_FILE=yes\n",
  "key.txt": "k",
  "settings.yaml": "a: 1\n",
  "labels.env": "a=b\n",
};

/** Names of the properties of a definition of the specification. */
const keys = (name: string): string[] => Object.keys(specification.$defs[name]!.properties);

/** Properties of a service's `build`, which has its definition inside. */
function buildKeys(): string[] {
  const build = specification.$defs.workload_spec!.properties.build as { oneOf: Json[] };
  const long = build.oneOf.find((one) => isMap(one) && isMap(one.properties)) as { properties: object };
  return Object.keys(long.properties);
}

/** Every key of the specification that the table has to speak of. */
const SPECIFIED: Readonly<Record<string, string[]>> = {
  service: [...keys("service"), ...keys("container_spec"), ...keys("workload_spec")],
  deploy: keys("deployment"),
  build: buildKeys(),
  healthcheck: keys("healthcheck"),
  volume: keys("volume"),
  secret: keys("secret"),
  config: keys("config"),
  top: Object.keys(specification.properties),
};

/** A file with one service that has this key, and all that the key may refer to. */
function file(group: keyof typeof CASES, key: string, value: unknown): object {
  const own = group === "service" ? { [key]: value } : { [group]: { [key]: value } };
  return {
    services: {
      app: { image: "me/app:1", ...(key === "expose" ? {} : { ports: ["80"] }), ...own },
      other: { image: "me/other:1", ports: ["81"], environment: { OF_OTHER: "yes" } },
    },
    configs: { settings: { content: "a: 1" } },
    secrets: { api_key: { file: "key.txt" } },
    volumes: { data: {} },
    networks: { back: {} },
    models: { llm: { model: "m" } },
  };
}

/** Whether this version has the setting that a case expects, and the one that its row names. */
const isHere = (setting: string, named?: string): boolean =>
  isKnown(setting.split(".")[0]!) && (named === undefined || isKnown(named));

describe("the table of the conversion", () => {
  for (const [group, specified] of Object.entries(SPECIFIED))
    it(`has a row for every key of the specification's ${group}, and none that it doesn't have`, () => {
      assert.ok(specified.length >= 5, `${specified.length} keys`);
      const rows = TABLE.filter(({ key }) => key.startsWith(`${group}.`)).map(({ key }) =>
        key.slice(group.length + 1),
      );
      assert.deepEqual([...rows].sort(), [...new Set(specified)].sort());
    });

  it("has a case for every key inside a service", () => {
    for (const [group, cases] of Object.entries(CASES))
      assert.deepEqual(Object.keys(cases).sort(), [...new Set(SPECIFIED[group])].sort(), group);
  });

  for (const [group, cases] of Object.entries(CASES))
    for (const [key, [value, setting, becomes]] of Object.entries<Case>(cases))
      it(`does with ${group}.${key} what it says`, () => {
        const name = group as keyof typeof CASES;
        const { settings, notes } = importedFrom(file(name, key, value), { files: FILES, profiles: ["on"] });
        const app = at(settings, "apps.app");
        assert.ok(app !== undefined, "the application is there");
        const row = rowOf(`${group}.${key}`)!;
        const spelled = group === "service" ? key : `${group}.${key}`;
        const isBelow = key in CASES;
        const isFollowed = key === "extends";
        if (!isBelow && !isFollowed)
          assert.ok(
            notes.some(
              (note) => note.service === "app" && note.key === spelled && note.outcome === row.outcome,
            ),
            `the report speaks of ${spelled} as ${row.outcome}`,
          );
        if (setting === undefined) assert.notEqual(row.outcome, "taken", "a key that becomes nothing");
        else assert.deepEqual(at(app, setting), isHere(setting, row.setting) ? becomes : undefined);
      });

  for (const [group, values] of Object.entries(DECLARED))
    for (const [key, value] of Object.entries(values))
      it(`speaks of ${key} of a ${group}`, () => {
        const { notes } = importedFrom(
          {
            services: { app: { image: "me/app:1", ports: ["80"] } },
            [`${group}s`]: { one: { [key]: value } },
          },
          { files: FILES },
        );
        const row = rowOf(`${group}.${key}`)!;
        assert.ok(notes.some((note) => note.key === `${group}s.one.${key}` && note.outcome === row.outcome));
      });
});
