/** All that `commands.ts` needs once a verb runs. */
export { alone } from "../lock/run.ts";
export { summary } from "./summary.ts";
export { runVerb } from "../lib/run-verb.ts";
export { auditCommand } from "./audit.ts";
export { deployApplication, deployed } from "./deploy.ts";
export { down, farewell } from "./down.ts";
export { drift } from "./drift.ts";
export { init } from "./init.ts";
export { importStack } from "./import.ts";
export { jobs } from "./jobs.ts";
export { logs } from "./logs.ts";
export { promote } from "./promote.ts";
export { renew } from "./renew.ts";
export { runInside, runOneOff } from "./run.ts";
export { runSession } from "../lib/run-session.ts";
export { setUp } from "./setup.ts";
export { traffic } from "./traffic.ts";
export { up } from "./up.ts";
