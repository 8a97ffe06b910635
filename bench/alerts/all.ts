import { applications } from "./applications.ts";
import type { Breakage, Scene } from "./breakage.ts";
import { dying } from "./certificate.ts";
import { slowly } from "./history.ts";
import { machine } from "./machine.ts";
import { blindness, outages } from "./short.ts";
import { watching } from "./watching.ts";

/** What breaks, in its order. Each list of `before` and `after` has the server for itself. */
export interface Plan {
  before: Breakage[][];
  together: Breakage[];
  after: Breakage[][];
}

/** @param began when the stack came up, in seconds of the epoch */
export function plan(scene: Scene, began: number): Plan {
  return {
    before: outages(scene),
    together: [
      ...applications(scene),
      ...machine(scene),
      ...watching(scene),
      ...slowly({ ...scene, began }),
      dying(scene, "warning", 20),
    ],
    after: [[dying(scene, "critical", 5)], ...blindness(scene)],
  };
}
