import { UserError } from "./errors.ts";

/**
 * What the host tools answered over SSH. The answer itself is never shown: there may be a secret in it.
 * @throws UserError when it is no JSON, with what a login printed in front of it
 */
export function readAnswer(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    // The parser's own error would quote the answer.
    const banner = stdout.split("{")[0]!.trim().split("\n")[0]!.slice(0, 80);
    if (banner)
      throw new UserError(
        `A login on the server prints "${banner}" in front of every answer.`,
        "Let nothing print without a terminal: look at ~/.bashrc, ~/.ssh/rc and /etc/ssh/sshrc of the SSH user.",
      );
    throw new UserError(
      stdout === ""
        ? "The server's tools answered nothing."
        : "The answer of the server's tools is incomplete.",
      "Run the same command again; df -h and dmesg on the server show a full disk, or a program killed for memory.",
    );
  }
}
