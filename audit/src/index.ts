export { audit, exitCode, type AuditOptions, type AuditResult, type Finding } from "./audit.ts";
export type { About, Declared, Exception } from "./about.ts";
export { SEVERITIES, type Severity } from "./check.ts";
export type { Answers, Request } from "./inside/look.ts";
export { page } from "./report/html.ts";
export { ids, unknownIds } from "./registry.ts";
export { auditReference } from "./report/reference.ts";
export { table } from "./report/table.ts";
export { siteTarget, type Ask, type Target } from "./target.ts";
