import { UnsupportedError } from "../contract.ts";
import { bool, map, num, text } from "../bridge/fields.ts";
import { randomResource } from "./resource.ts";

const count = num({ force: true, default: 0, expected: "0 or more", valid: (n) => Number(n) >= 0 });
const enabled = bool({ force: true, default: true });
const TYPE = "random:index/randomPassword:RandomPassword";

/**
 * `random.RandomPassword`: `result` and `bcryptHash` are secret, the id is "none". Stacks of earlier versions of this
 * project have one: an update keeps or deletes it. A new one is refused: the project's passwords are secrets of the
 * stack's configuration, and Node has no bcrypt.
 */
export const randomPassword = randomResource({
  type: TYPE,
  fields: {
    keepers: map({ force: true }),
    length: num({ required: true, force: true, expected: "1 or more", valid: (n) => Number(n) >= 1 }),
    lower: enabled,
    minLower: count,
    minNumeric: count,
    minSpecial: count,
    minUpper: count,
    number: enabled,
    numeric: enabled,
    overrideSpecial: text({ force: true }),
    special: enabled,
    upper: enabled,
  },
  generated: ["result", "bcryptHash"],
  draw() {
    throw new UnsupportedError(`a new ${TYPE}`);
  },
});
