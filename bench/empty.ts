import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";

/** `usual`: ts-node with type checks, as in the template `pulumi new typescript`. `same`: as the real project's. */
export type Kind = "usual" | "same";

/** A project with a stack and without resources. */
export interface EmptyProject {
  folder: string;
  remove(): void;
}

/** What the template says to the compiler. */
const USUAL = {
  compilerOptions: {
    strict: true,
    target: "es2020",
    module: "nodenext",
    moduleResolution: "nodenext",
    sourceMap: true,
    noFallthroughCasesInSwitch: true,
    noImplicitReturns: true,
    forceConsistentCasingInFileNames: true,
  },
  files: ["index.ts"],
};

/**
 * Makes an empty project, beside the real one's packages, and its stack `empty`.
 * @param run calls the CLI in a folder
 */
export async function emptyProject(
  real: string,
  kind: Kind,
  run: (cwd: string, args: string[]) => Promise<unknown>,
): Promise<EmptyProject> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-empty-"));
  mkdirSync(join(folder, "state"));
  const runtime = kind === "usual" ? "nodejs" : runtimeOf(real);
  const files = {
    "Pulumi.yaml": stringify({ name: "empty", runtime, backend: { url: `file://${folder}/state` } }),
    "package.json": '{ "name": "empty", "main": "index.ts" }\n',
    "tsconfig.json": JSON.stringify(USUAL),
    "index.ts": 'import * as pulumi from "@pulumi/pulumi";\n\nexport const stack = pulumi.getStack();\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  symlinkSync(join(real, "node_modules"), join(folder, "node_modules"));
  await run(folder, ["stack", "init", "empty"]);
  await run(folder, ["up", "--yes", "--skip-preview", "--stack", "empty"]);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** How the real project has its program run. */
function runtimeOf(real: string): unknown {
  const text = readFileSync(join(real, "Pulumi.yaml"), "utf8").replaceAll(
    "--require ./",
    `--require ${real}/`,
  );
  return (parse(text) as { runtime: unknown }).runtime;
}
