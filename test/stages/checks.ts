import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Check } from "./command.ts";

/** Files of the project with one of these endings; what git doesn't track but doesn't ignore counts too. */
function files(...endings: string[]): string[] {
  const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
  });
  return list
    .split("\n")
    .filter((path) => endings.some((ending) => path.endsWith(ending)) && existsSync(path));
}

/** Shell scripts by ending or by first line: entrypoints of images have no ending. */
function shellScripts(): string[] {
  const unnamed = files("").filter((path) => /^(assets|images)\/.*\/[^.]+$/.test(path));
  const scripts = unnamed.filter((path) =>
    /^#!.*\b(sh|bash)\b/.test(readFileSync(path, "utf8").slice(0, 40)),
  );
  return [...files(".sh"), ...scripts];
}

/** Formatter, linters, type checks, and the tests of the host tools, by stage. */
export const checks: Record<string, Check[]> = {
  format: [{ title: "prettier", argv: ["prettier", "--check", "--log-level", "warn", "."] }],
  lint: [
    { title: "eslint: rules and the direction of imports", argv: ["eslint", "."] },
    { title: "shellcheck", argv: ["shellcheck", ...shellScripts()] },
    { title: "pyflakes: the host tools", argv: ["/usr/bin/python3", "-m", "pyflakes", ...files(".py")] },
    {
      title: "the host tools parse as Python 3.8 (Ubuntu 20.04)",
      argv: ["/usr/bin/python3", "test/stages/python38.py", ...files(".py")],
    },
  ],
  unit: [
    {
      title: "the host tools' own tests",
      argv: [
        "/usr/bin/python3",
        "-B",
        "-m",
        "unittest",
        "discover",
        "--quiet",
        "--start-directory",
        "test/host",
      ],
    },
  ],
  types: [
    { title: "tsc: the program, automation and tests", argv: ["tsc", "-p", "tsconfig.json"] },
    { title: "tsc: the engine", argv: ["tsc", "-p", "engine/tsconfig.json"] },
    { title: "tsc: the sample applications", argv: ["tsc", "-p", "examples/apps/tsconfig.json"] },
    { title: "tsc: the sample page", argv: ["tsc", "-p", "examples/apps/frontend/web/tsconfig.json"] },
  ],
};
