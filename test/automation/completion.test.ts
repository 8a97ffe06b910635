import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
const CLI = join(ROOT, "automation/fairlead.mjs");

/** What a program printed. @throws AssertionError with its words when it failed */
function output(file: string, args: string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: "utf8", input, cwd: tmpdir() });
  assert.equal(status, 0, stderr);
  return stdout;
}

const lines = (text: string): string[] => text.split("\n").filter(Boolean).sort();

/** A test that `npm test` installs something for; by itself it is skipped where that is missing, and says so. */
function itWith(what: string, present: boolean, title: string, test: () => void): void {
  if (present) it(title, test);
  else it.skip(`${title} (skipped: ${what} is missing)`, test);
}

describe("shell completion", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "fairlead-completion-"));
  const script = (shell: string): string => join(folder, shell);
  before(() => {
    symlinkSync(CLI, join(folder, "fairlead"));
    for (const shell of ["bash", "zsh", "fish"])
      writeFileSync(script(shell), output(CLI, ["completion", shell]));
  });
  after(() => rmSync(folder, { recursive: true }));

  const installed = (shell: string): boolean =>
    (process.env.PATH ?? "").split(":").some((place) => existsSync(join(place, shell)));

  /** What bash offers for the last of these words. */
  function bash(words: string[], ...first: string[]): string[] {
    const program = [
      ...first,
      `source ${script("bash")}`,
      "complete -p fairlead",
      `COMP_WORDS=(fairlead ${words.map((word) => `'${word}'`).join(" ")})`,
      'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}',
      '__fairlead_complete 2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"',
    ];
    const [registered, ...offered] = output("bash", ["--norc", "-c", program.join("\n")]).split("\n");
    assert.equal(registered, "complete -F __fairlead_complete fairlead");
    return lines(offered.join("\n"));
  }

  it("offers verbs, options and stacks in bash", () => {
    assert.deepEqual(bash(["p"]), ["promote"]);
    assert.deepEqual(bash(["down", "--f"]), ["--forget"]);
    assert.deepEqual(bash(["up", "--stack", ""]), ["prod", "staging"]);
    assert.deepEqual(bash(["promote", "--to", "pr"]), ["prod"]);
    assert.ok(bash([""]).includes("audit"));
  });

  const place = "/usr/share/bash-completion/bash_completion";
  itWith("the package bash-completion", existsSync(place), "offers the same in a bash that has it", () => {
    assert.deepEqual(bash(["up", "--stack", "s"], `source ${place}`), ["staging"]);
    assert.deepEqual(bash(["p"], `source ${place}`), ["promote"]);
  });

  itWith("fish", installed("fish"), "offers the same in fish", () => {
    const offered = (line: string): string[] =>
      lines(
        output("fish", [
          "--no-config",
          "-c",
          `set PATH ${folder} $PATH; source ${script("fish")}; complete -C '${line}'`,
        ]),
      ).map((word) => word.split("\t")[0]!);
    assert.deepEqual(offered("fairlead p"), ["promote"]);
    assert.deepEqual(offered("fairlead up --stack "), ["prod", "staging"]);
    assert.deepEqual(offered("fairlead down --f"), ["--forget"]);
  });

  itWith("zsh", installed("zsh"), "offers the same in zsh", () => {
    // A terminal inside zsh, in which a person presses Tab.
    const program = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell 'PS1= PATH=${folder}:$PATH; autoload -Uz compinit; compinit -D -u; source ${script("zsh")}; print READY'
      zpty -r shell seen '*READY*READY*'
      zpty -w -n shell $'fairlead promote --to pr\\t'
      zpty -r shell seen '*prod*'
      print -r -- $seen
      zpty -w -n shell $'\\C-ufairlead aud\\t'
      zpty -r shell seen '*audit*'
      print -r -- $seen
      zpty -d shell`;
    const seen = output("timeout", ["30", "zsh", "-f", "-c", program]);
    assert.match(seen, /--to prod[^]*fairlead audit/);
  });
});
