import { z } from "zod";

/** How the audit of this stack judges; checkAudit knows the ids. */
export const audit = z.strictObject({
  accept: z
    .record(z.string(), z.string().trim().min(1).describe("The reason, which the report shows"))
    .default({})
    .describe(
      "Checks whose failure is accepted, by id (docs/audit.md); it counts for neither the score nor the exit code",
    ),
});
