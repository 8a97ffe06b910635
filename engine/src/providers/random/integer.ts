import { randomInt } from "node:crypto";
import { map, num, text } from "../bridge/fields.ts";
import { randomResource } from "./resource.ts";

const bound = num({ required: true, force: true });

/** `random.RandomInteger`: from `min` to `max`, both included. A `seed` would need Go's generator: refused. */
export const randomInteger = randomResource({
  type: "random:index/randomInteger:RandomInteger",
  fields: { keepers: map({ force: true }), max: bound, min: bound, seed: text({ unsupported: true }) },
  generated: ["result"],
  draw(inputs) {
    const [min, max] = [Number(inputs["min"]), Number(inputs["max"])];
    if (max < min) throw new Error(`max: expected ${min} (min) or more, got ${max}`);
    const result = randomInt(min, max + 1);
    return { id: String(result), values: { result } };
  },
});
