import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { packages } from "../../src/providers/index.ts";

/** The recordings of the official CLI. */
export const FIXTURES = join(import.meta.dirname, "../fixtures");

type Json = { [key: string]: unknown };
/** A resource of a recorded checkpoint, as JSON. */
export type RecordedJson = Json & { urn: string; type: string };

const supported = new Set(packages.flatMap(({ resources }) => Object.keys(resources)));

/** Whether the engine has the type of this URN; components, stacks and providers count. */
export function isSupported(urn: string): boolean {
  const type = (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
  return !/^(command|docker|random):/.test(type) || supported.has(type);
}

/** Properties of recorded containers that the project doesn't use, with what an official state holds without them. */
const REFUSED_PROPERTIES = [
  { name: "dns", absent: null, delta: undefined },
  { name: "hosts", absent: [], delta: { arr: {} } },
  { name: "sysctls", absent: null, delta: undefined },
  { name: "ulimits", absent: [], delta: { arr: {} } },
];

/** The resources without those that this engine refuses, and without what it refuses of the others. */
export function withoutRefused(resources: readonly RecordedJson[]): RecordedJson[] {
  return resources
    .filter(({ urn }) => isSupported(urn))
    .map((resource) => {
      const copy = structuredClone(resource);
      const dependencies = copy["dependencies"] as string[] | undefined;
      if (dependencies) copy["dependencies"] = dependencies.filter(isSupported);
      if (copy.type === "docker:index/container:Container") withoutRefusedProperties(copy);
      return copy;
    });
}

function withoutRefusedProperties(container: RecordedJson): void {
  const inputs = container["inputs"] as Json;
  const outputs = container["outputs"] as Json;
  const delta = (outputs["__pulumi_raw_state_delta"] as { obj: { ps: Json } }).obj.ps;
  const dependencies = container["propertyDependencies"] as Json | undefined;
  for (const { name, absent, delta: empty } of REFUSED_PROPERTIES) {
    if (!(name in inputs)) continue;
    delete inputs[name];
    delete dependencies?.[name];
    outputs[name] = absent;
    if (empty) delta[name] = empty;
    else delete delta[name];
  }
}

/** A copy of a recording in a folder of its own, with the project's modules; everything in it may be changed. */
export function copyOf(recording: string): string {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-recording-"));
  cpSync(join(FIXTURES, recording), folder, { recursive: true });
  symlinkSync(resolve(import.meta.dirname, "../../../node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Changes the resources of a checkpoint; the rest of its text stays. */
export function editCheckpoint(file: string, edit: (resources: RecordedJson[]) => RecordedJson[]): void {
  const json = JSON.parse(readFileSync(file, "utf8")) as {
    checkpoint: { latest: { resources: RecordedJson[] } };
  };
  const { latest } = json.checkpoint;
  latest.resources = edit(latest.resources);
  writeFileSync(file, JSON.stringify(json));
}

/** Takes out of the program of `pulumi-3.260-server` what {@link withoutRefused} takes out of its states. */
export function editServerProgram(folder: string): void {
  const file = join(folder, "index.ts");
  const cuts: [from: RegExp, to: string][] = [
    [/^const (suffix|pet|word|file|folder) = .*$/gm, ""],
    [/ ulimits: .*, sysctls: \{.*\},$/m, ""],
    [/, dns: \[.*\], hosts: \[.*\],$/m, ","],
    [/\[api, file, folder\]/, "[api]"],
    [/suffix: suffix\.hex, pet: pet\.id, /, ""],
    [/word: word\.result, /, ""],
  ];
  let text = readFileSync(file, "utf8");
  for (const [from, to] of cuts) {
    const edited = text.replace(from, to);
    if (edited === text) throw new Error(`${file}: ${from} matches nothing`);
    text = edited;
  }
  writeFileSync(file, text);
}
