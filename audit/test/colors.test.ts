import assert from "node:assert/strict";
import { colored } from "../src/report/colors.ts";

describe("colours", () => {
  const cases: [what: string, env: NodeJS.ProcessEnv, isTerminal: boolean, colour: boolean][] = [
    ["a terminal", {}, true, true],
    ["a terminal that has none", { TERM: "dumb" }, true, false],
    ["a terminal of one who wants none", { NO_COLOR: "1" }, true, false],
    ["a pipe", {}, false, false],
    ["a pipe where CI is set", { CI: "true" }, false, false],
    ["a pipe of one who wants them", { FORCE_COLOR: "1" }, false, true],
  ];
  for (const [what, env, isTerminal, colour] of cases)
    it(`${colour ? "are" : "aren't"} for ${what}`, () => assert.equal(colored(env, isTerminal), colour));
});
