import type { Check } from "../../check.ts";
import type { DockerEvidence } from "./container.ts";
import { isolation } from "./isolation.ts";
import { rights } from "./rights.ts";
import { running } from "./running.ts";

const point = ({ id }: Check<DockerEvidence>): number => Number(id.slice("docker.5.".length));

/** Section 5 of the CIS Docker Benchmark 1.6.0, the points of docker-bench-security, in its order. */
export const benchChecks: readonly Check<DockerEvidence>[] = [...rights, ...isolation, ...running].sort(
  (one, other) => point(one) - point(other),
);
