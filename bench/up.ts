import Docker from "dockerode";
import { CONTENT } from "../automation/images/labels.ts";
import type { BenchStack } from "./stack.ts";
import type { Row } from "./table.ts";

/**
 * The first and the second `npm run up`, as a person types it. A machine on which images were built before has less to
 * do the first time; the note says so.
 */
export async function measureUp(stack: BenchStack): Promise<Row[]> {
  const images = await new Docker().listImages({ filters: { label: [CONTENT] } }).catch(() => []);
  const first = await stack.first();
  const second = await stack.again();
  return [
    {
      measure: "first npm run up",
      figure: first.seconds,
      unit: "s",
      goal: 360,
      note: `${first.result.changed} resources; ${images.length > 0 ? "images were built before" : "images built"}`,
    },
    {
      measure: "second npm run up",
      figure: second.seconds,
      unit: "s",
      goal: 20,
      note: `${second.result.changed} resources changed`,
    },
  ];
}
