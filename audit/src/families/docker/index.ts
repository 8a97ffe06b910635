import { none, skip, unknown, type Check } from "../../check.ts";
import { family } from "../../family.ts";
import { benchChecks } from "./bench.ts";
import { dockerQuestions, nameOf, readDocker, type Container, type DockerEvidence } from "./container.ts";

/** Points of this stack beside those of the benchmark. */
const own: Check<DockerEvidence>[] = [
  {
    id: "containers.healthy",
    title: "Every container is healthy",
    severity: "high",
    requirements: ["O27", "A27"],
    remedy: "docker logs <name> says why.",
    judge: ({ containers, passing }) => {
      if (containers.length === 0) return skip("no container runs");
      const state = (one: Container): string => {
        const status = one.State.Health?.Status ?? "no health check";
        return status === "starting" && passing.includes(nameOf(one)) ? "healthy" : status;
      };
      const list = (of: Container[]): string[] => of.map((one) => `${nameOf(one)}: ${state(one)}`);
      const bad = containers.filter((one) => !["healthy", "starting"].includes(state(one)));
      const early = containers.filter((one) => state(one) === "starting");
      // It doesn't pass its check, and Docker hasn't given up on it yet.
      if (bad.length === 0 && early.length > 0) return unknown(`not yet: ${list(early).join("; ")}`);
      return none(list(bad), `${containers.length} containers`);
    },
  },
  {
    id: "containers.stopped",
    title: "No container of the stack has stopped",
    severity: "high",
    requirements: ["O27", "A27"],
    remedy: "docker logs <name> says why; npm run up starts it again.",
    judge: ({ containers, stopped }) => {
      if (containers.length + stopped.length === 0) return skip("there is no container");
      const bad = stopped.map((line) => line.replace("\t", ": "));
      return none(bad, `${containers.length} containers run`);
    },
  },
  {
    id: "containers.restarts",
    title: "No container is in a crash loop or ran out of memory",
    severity: "medium",
    requirements: ["H22", "O7"],
    remedy: "docker logs <name>; raise its memory limit when it was killed for memory.",
    judge: ({ containers }) =>
      none(
        containers.flatMap((one) => {
          if (one.State.OOMKilled) return [`${nameOf(one)}: killed for memory`];
          return one.RestartCount >= 3 ? [`${nameOf(one)}: restarted ${one.RestartCount} times`] : [];
        }),
        "none",
      ),
  },
  {
    id: "containers.log-rotation",
    title: "Logs are rotated",
    severity: "medium",
    requirements: ["A22", "O28"],
    remedy: "Log driver json-file with max-size 10m and max-file 3; all files of a container at most 1 GB.",
    judge: ({ containers }) =>
      none(
        containers
          .filter(
            ({ HostConfig: { LogConfig } }) =>
              LogConfig.Type === "json-file" && !(kept(LogConfig.Config ?? {}) <= GIGA),
          )
          .map((one) => `${nameOf(one)}: ${spell(one.HostConfig.LogConfig.Config ?? {})}`),
        "all",
      ),
  },
  {
    id: "containers.json-logs",
    title: "Applications and the edge log JSON, one object a line",
    severity: "low",
    requirements: ["A21", "A23", "O28"],
    remedy: "Log one JSON object a line to standard output.",
    judge: ({ containers, logs }, { name }) => {
      const infrastructure = ["postgres", "redis", "switch"].map((one) => `${name}_${one}`);
      const bad = containers.map(nameOf).filter((one) => {
        const own = (logs[one] ?? []).filter((line) => !/\[(notice|warn|error)\]/.test(line));
        const json = own.filter(isJson).length;
        return !infrastructure.includes(one) && own.length > 0 && json < own.length / 2;
      });
      return none(
        bad.map((one) => `${one}: plain text`),
        "all",
      );
    },
  },
  {
    id: "containers.declared",
    title: "Every running container belongs to the stack",
    severity: "low",
    requirements: ["H20"],
    remedy: "Remove it, or declare it.",
    judge: ({ containers }) =>
      none(
        containers
          .filter(({ Config }) => Config.Labels?.["managed-by"] !== "fairlead")
          .map((one) => `${nameOf(one)} is not declared`),
        `${containers.length} containers`,
      ),
  },
  {
    id: "containers.missing",
    title: "Every container that the stack declares is there",
    severity: "high",
    requirements: ["O22", "H20", "H21"],
    remedy: "npm run up makes it again.",
    judge: ({ containers, stopped }, { stack }) => {
      if (!stack) return skip("what must be there is known of a stack only (--stack)");
      // One that has stopped is there: containers.stopped tells of it.
      const there = [...containers.map(nameOf), ...stopped.map((line) => line.split("\t")[0]!)];
      const missing = Object.entries(stack.containers).flatMap(([name, wanted]) => {
        const found = there.filter((one) => one === name || one.startsWith(`${name}-`)).length;
        return found < wanted ? [`${name}: ${found} of ${wanted}`] : [];
      });
      const total = Object.values(stack.containers).reduce((sum, count) => sum + count, 0);
      return none(missing, `${total} containers`);
    },
  },
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

export const docker = family<DockerEvidence>({
  title: "Containers (CIS Docker Benchmark, section 5)",
  source: { where: "inside", ask: dockerQuestions, read: readDocker },
  checks: [...benchChecks, ...own],
});
