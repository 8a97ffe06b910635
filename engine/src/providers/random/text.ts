import { randomInt } from "node:crypto";
import type { Props } from "../contract.ts";
import { bool, map, num, text } from "../bridge/fields.ts";
import type { Fields } from "../bridge/fields.ts";
import { randomResource } from "./resource.ts";
import { hash } from "./bcrypt.ts";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

const count = num({ force: true, default: 0, expected: "0 or more", valid: (n) => Number(n) >= 0 });
const yes = bool({ force: true, default: true });

/** Fields of RandomPassword and RandomString. */
const fields: Fields = {
  keepers: map({ force: true }),
  length: num({ required: true, force: true, expected: "1 or more", valid: (n) => Number(n) >= 1 }),
  lower: yes,
  minLower: count,
  minNumeric: count,
  minSpecial: count,
  minUpper: count,
  number: yes,
  numeric: yes,
  overrideSpecial: text({ force: true }),
  special: yes,
  upper: yes,
};

const pick = (from: string): string => from[randomInt(from.length)]!;

/** Draws `length` characters from the classes asked for, each with its minimum, in random order. */
export function drawText(inputs: Props): string {
  const override = inputs["overrideSpecial"];
  const special = typeof override === "string" && override !== "" ? override : SPECIAL;
  const classes: [string, unknown, unknown][] = [
    [LOWER, inputs["lower"], inputs["minLower"]],
    [LOWER.toUpperCase(), inputs["upper"], inputs["minUpper"]],
    [DIGITS, inputs["numeric"], inputs["minNumeric"]],
    [special, inputs["special"], inputs["minSpecial"]],
  ];
  const length = Number(inputs["length"]);
  const alphabet = classes.map(([letters, wanted]) => (wanted === true ? letters : "")).join("");
  const drawn = classes.flatMap(([letters, , min]) =>
    Array.from({ length: Number(min ?? 0) }, () => pick(letters)),
  );
  if (drawn.length > length)
    throw new Error(`length: expected at least the sum of the minimums (${drawn.length}), got ${length}`);
  if (alphabet === "" && drawn.length < length)
    throw new Error("expected at least one of lower, upper, numeric and special to be true, got none");
  while (drawn.length < length) drawn.push(pick(alphabet));
  for (let i = drawn.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [drawn[i], drawn[j]] = [drawn[j]!, drawn[i]!];
  }
  return drawn.join("");
}

/** `random.RandomString`: its id is the text itself. */
export const randomString = randomResource({
  type: "random:index/randomString:RandomString",
  fields,
  version: 2,
  generated: ["result"],
  draw(inputs) {
    const result = drawText(inputs);
    return { id: result, values: { result } };
  },
});

/** `random.RandomPassword`: `result` and `bcryptHash` are secret, the id is "none". */
export const randomPassword = randomResource({
  type: "random:index/randomPassword:RandomPassword",
  fields,
  version: 3,
  generated: ["result", "bcryptHash"],
  draw(inputs) {
    const result = drawText(inputs);
    return { id: "none", values: { result, bcryptHash: hash(result) } };
  },
});
