import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { Answers, Ask, Request } from "../../audit/src/index.ts";
import { readAnswer } from "./answer.ts";
import { ROOT } from "./workspace.ts";

const LOOK = "assets/host/fairlead/look.py";

/** The way in that a command that logs in gives. */
export const askOver =
  (ssh: string): Ask =>
  (questions) =>
    ask(ssh, questions);

/**
 * Asks a server all questions in one SSH connection, with the very command that the stack prints. Root needs nothing on
 * the server: the script that looks travels as an argument. Another user may only call the host tools by sudo, which have
 * the same script. The questions, and the secrets to search for, travel on standard input.
 * @param seconds for all of them; each has a limit of its own, and Lynis alone may take four minutes
 * @throws when the server can't be reached, or refuses to let the user look
 */
async function ask(ssh: string, questions: Record<string, Request>, seconds = 900): Promise<Answers> {
  const [file, ...args] = ssh.split(" ").filter(Boolean);
  const script = readFileSync(join(ROOT, LOOK), "utf8");
  const user = args.at(-1)!.split("@")[0];
  const argv =
    user === "root" ? ["python3", "-c", script] : ["sudo", "-n", "/usr/local/bin/fairlead", "look"];
  const options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=15"];
  const { stdout, stderr, exitCode, timedOut } = await execa(
    file!,
    [...options, ...args, argv.map(quoted).join(" ")],
    {
      cwd: ROOT,
      input: JSON.stringify(questions),
      reject: false,
      timeout: seconds * 1000,
      maxBuffer: 256 * 1024 * 1024,
    },
  );
  if (timedOut) throw new Error(`the server didn't answer all questions within ${seconds} s`);
  if (exitCode !== 0)
    throw new Error(lastWords(stderr) || `${file} ended with ${exitCode ?? "no"} exit code`);
  return readAnswer(stdout) as Answers;
}

/** One word for the remote shell (POSIX 2.2.2). */
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const lastWords = (text: string): string => text.trim().split("\n").slice(-2).join(" ").slice(-300);
