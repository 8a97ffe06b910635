import { AUDIT_CHECKS } from "../audit-checks.ts";
import { nearest, type Problem } from "../problems.ts";
import type { StackConfig } from "../schema/index.ts";

/** Accepted failures of checks that the audit doesn't have. */
export function checkAudit(stack: string, { audit }: Pick<StackConfig, "audit">): Problem[] {
  return Object.keys(audit.accept)
    .filter((id) => !AUDIT_CHECKS.includes(id))
    .map((id) => {
      const near = nearest(id, AUDIT_CHECKS);
      const hint = near === undefined ? "docs/audit.md lists them all." : `Did you mean "${near}"?`;
      return {
        path: `audit.accept["${id}"]`,
        message: "the audit has no such check",
        remedy: `${hint} Correct or remove it in Pulumi.${stack}.yaml.`,
      };
    });
}
