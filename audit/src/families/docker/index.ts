import { check, none, skip, unknown, type Check } from "../../check.ts";
import { inside } from "../../family.ts";
import { benchChecks } from "./bench.ts";
import { eachContainer } from "./each.ts";
import { dockerQuestions, nameOf, readDocker, type Container, type DockerEvidence } from "./container.ts";

/** Whether the image has no shell, curl or wget to run its check with: the traffic switch asks instead. */
function cannotRun({ State }: Container): boolean {
  const last = State.Health?.Log?.at(-1);
  if (!last) return false;
  // The engine's own words where there is no shell; the shell's code where there is no such program (POSIX, 2.8.2).
  return last.ExitCode === 127 || /exec failed.*(no such file|not found)/s.test(last.Output);
}

/** Checks of this stack in addition to those of the benchmark. */
const own: Check<DockerEvidence>[] = [
  check({
    id: "containers.healthy",
    title: "Every container is healthy",
    severity: "high",
    requirements: ["O27", "A27"],
    remedy: "docker logs <name> says why.",
    judge: ({ containers, passing }) => {
      if (containers.length === 0) return skip("no container runs");
      const state = (one: Container): string => {
        // A worker without a check says so, as does what is asked from outside; an image without one has forgotten it.
        const { process, check } = one.Config.Labels ?? {};
        const unchecked = one.Config.Healthcheck?.Test?.[0] === "NONE" && (process ?? check);
        const known = one.State.Health?.Status ?? (unchecked ? "healthy" : "no health check");
        const status = cannotRun(one) ? "healthy" : known;
        return status === "starting" && passing.includes(nameOf(one)) ? "healthy" : status;
      };
      const list = (of: Container[]): string[] => of.map((one) => `${nameOf(one)}: ${state(one)}`);
      const bad = containers.filter((one) => !["healthy", "starting"].includes(state(one)));
      const early = containers.filter((one) => state(one) === "starting");
      // It doesn't pass its check, and Docker hasn't given up on it yet.
      if (bad.length === 0 && early.length > 0) return unknown(`not yet: ${list(early).join("; ")}`);
      return none(list(bad), `${containers.length} containers`);
    },
  }),
  check({
    id: "containers.stopped",
    title: "No container of the stack has stopped",
    severity: "high",
    requirements: ["O27", "A27"],
    remedy: "docker logs <name> says why; npm run up starts it again.",
    judge: ({ containers, stopped }) => {
      if (containers.length + stopped.length === 0) return skip("there is no container");
      return none(
        stopped.map(({ name, status }) => `${name}: ${status}`),
        `${containers.length} containers run`,
      );
    },
  }),
  check({
    id: "containers.restarts",
    title: "No container is in a crash loop or ran out of memory",
    severity: "medium",
    requirements: ["H22", "O7"],
    remedy: "docker logs <name>; raise its memory limit when it was killed for memory.",
    judge: eachContainer(({ State, RestartCount }) => {
      if (State.OOMKilled) return "killed for memory";
      return RestartCount >= 3 && `restarted ${RestartCount} times`;
    }),
  }),
  check({
    id: "containers.log-rotation",
    title: "Logs are rotated",
    severity: "medium",
    requirements: ["A22", "O28"],
    remedy: "Log driver json-file with max-size 10m and max-file 3; all files of a container at most 1 GB.",
    judge: eachContainer(({ HostConfig: { LogConfig } }) => {
      const options = LogConfig.Config ?? {};
      return LogConfig.Type === "json-file" && !(kept(options) <= GIGA) && spell(options);
    }),
  }),
  check({
    id: "containers.json-logs",
    title: "Applications and the edge log JSON, one object per line",
    severity: "low",
    requirements: ["A21", "A23", "O28"],
    remedy: "Log one JSON object per line to standard output.",
    judge: eachContainer((one, { logs }) => {
      // Nginx writes its own errors as plain text.
      const entries = (logs[nameOf(one)] ?? []).filter((line) => !/\[(notice|warn|error)\]/.test(line));
      return entries.length > 0 && entries.filter(isJson).length < entries.length / 2 && "plain text";
    }),
  }),
  check({
    id: "containers.declared",
    title: "Every running container belongs to the stack",
    severity: "low",
    requirements: ["H20"],
    remedy: "Remove it, or declare it.",
    judge: eachContainer(({ Config }) => Config.Labels?.["managed-by"] !== "fairlead" && "not declared"),
  }),
  check({
    id: "containers.missing",
    title: "Every container that the stack declares is there",
    severity: "high",
    requirements: ["O22", "H20", "H21"],
    remedy: "npm run up makes it again.",
    judge: ({ containers, stopped }, { stack }) => {
      if (!stack) return skip("what must be there is known of a stack only (--stack)");
      // A stopped one is there: containers.stopped reports it.
      const there = [...containers.map(nameOf), ...stopped.map(({ name }) => name)];
      const missing = Object.entries(stack.containers).flatMap(([name, wanted]) => {
        const found = there.filter((one) => one === name || one.startsWith(`${name}-`)).length;
        return found < wanted ? [`${name}: ${found} of ${wanted}`] : [];
      });
      const total = Object.values(stack.containers).reduce((sum, count) => sum + count, 0);
      return none(missing, `${total} containers`);
    },
  }),
];

const GIGA = 1024 ** 3;
const UNITS = ["", "k", "m", "g", "t"];

/** Bytes that the log files of a container may take; NaN when nothing bounds them. */
function kept(options: Record<string, string>): number {
  const [, count, unit] = /^([\d.]+)([kmgt]?)b?$/i.exec(options["max-size"] ?? "") ?? [];
  return Number(count) * 1024 ** UNITS.indexOf((unit ?? "").toLowerCase()) * Number(options["max-file"] ?? 1);
}

const spell = (options: Record<string, string>): string =>
  options["max-size"] ? `keeps ${options["max-file"] ?? 1} files of ${options["max-size"]}` : "not rotated";

function isJson(line: string): boolean {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}

export const docker = inside<DockerEvidence>({
  title: "Containers (CIS Docker Benchmark, section 5)",
  ask: dockerQuestions,
  read: readDocker,
  checks: [...benchChecks, ...own],
});
