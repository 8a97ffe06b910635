import { join } from "node:path";
import { parseDocument } from "yaml";
import { Project, sampleStacks } from "../test/integration/support/project.ts";
import { median, seconds } from "./pairs.ts";
import type { Keep, Row } from "./table.ts";

const STACK = "staging";
const COUNTS = [1, 5, 20, 50];
/** Previews of each count; the first isn't counted. */
const PREVIEWS = 3;

/**
 * How up and a preview that finds nothing to do grow with the number of applications: on one box, which gets more of them
 * step by step. Each application is the sample's page.
 */
export async function measureApplications(say: (line: string) => void, keep: Keep): Promise<void> {
  const project = new Project({ [STACK]: withoutData(sampleStacks()[STACK]!) });
  await project.freePorts(STACK);
  const figures: Figures[] = [];
  try {
    for (const count of COUNTS) {
      say(`${count} applications`);
      declare(project, count);
      figures.push({ count, up: await up(project), preview: await preview(project) });
    }
  } finally {
    say("npm run down");
    const ran = await project.run("down", "--stack", STACK, "--yes");
    if (ran.exitCode === 0) project.remove();
    else say(`npm run down failed; the stack's folder is kept: ${project.folder}\n${ran.stderr}`);
  }
  keep(...rows(figures));
}

/** Seconds. */
interface Figures {
  count: number;
  up: number;
  preview: number;
}

function rows(figures: Figures[]): Row[] {
  const steps = figures.slice(1).map((next, index) => ({ from: figures[index]!, next }));
  const each = (kind: "up" | "preview", { from, next }: (typeof steps)[number]): number =>
    (next[kind] - from[kind]) / (next.count - from.count);
  const [first, last] = [figures[0]!, figures.at(-1)!];
  return [
    ...steps.map(({ from, next }) => ({
      measure: `npm run up, ${from.count} → ${next.count} applications, of each that is new`,
      figure: next.up / (next.count - from.count),
      unit: "s" as const,
      note: `${next.up.toFixed(1)} s`,
    })),
    ...steps.map((step) => ({
      measure: `no-op preview, ${step.from.count} → ${step.next.count} applications, of each`,
      figure: each("preview", step),
      unit: "s" as const,
      goal: 0.2,
      note: `${step.from.preview.toFixed(2)} s → ${step.next.preview.toFixed(2)} s`,
    })),
    {
      measure: `no-op preview of ${last.count} applications, of each beyond the first`,
      figure: each("preview", { from: first, next: last }),
      unit: "s",
      goal: 0.2,
      note: `${first.preview.toFixed(2)} s → ${last.preview.toFixed(2)} s, medians of ${PREVIEWS}`,
    },
  ];
}

/** The sample's stack file without its applications' data: what grows is the applications alone. */
function withoutData(text: string): string {
  const document = parseDocument(text);
  for (const name of ["database", "cache"])
    document.setIn(["config", `fairlead:${name}`], document.createNode({ enabled: false }));
  document.setIn(["config", "fairlead:server", "box", "memory"], "6 GB");
  return document.toString();
}

function declare(project: Project, count: number): void {
  const apps = Array.from({ length: count }, (_, index) => {
    const name = `a${index + 1}`;
    const app = {
      image: "registry.fairlead.internal:5000/frontend:1.0.0",
      port: 3000,
      resources: { memory: "96 MB", cpus: 1 },
      environment: { DRAIN_SECONDS: "0" },
      routes: index === 0 ? [{ path: "/" }] : [],
    };
    return [name, app] as const;
  });
  project.edit(STACK, (document) => {
    document.setIn(["config", "fairlead:apps"], document.createNode(Object.fromEntries(apps)));
  });
}

function up(project: Project): Promise<number> {
  return seconds(async () => {
    const ran = await project.run("up", "--stack", STACK, "--watch", "0", "--yes", "--json");
    if (ran.exitCode !== 0) throw new Error(`npm run up failed:\n${ran.stdout}\n${ran.stderr}`);
  });
}

/** As Pulumi's own command; `--expect-no-changes`: one that finds something to do would measure something else. */
async function preview(project: Project): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index <= PREVIEWS; index++) {
    const taken = await seconds(async () => {
      const ran = await project.exec(
        join(project.folder, "node_modules/.bin/pulumi"),
        ["preview", "--expect-no-changes", "--non-interactive", "--stack", STACK],
        { PULUMI_CONFIG_PASSPHRASE_FILE: join(project.folder, ".fairlead", "passphrase") },
      );
      if (ran.exitCode !== 0) throw new Error(`the preview finds something to do:\n${ran.stdout}`);
    });
    if (index > 0) times.push(taken);
  }
  return median(times);
}
