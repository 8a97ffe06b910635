import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Ask } from "../../audit/src/index.ts";
import type { Server } from "./server.ts";
import { ROOT } from "./workspace.ts";

const LOOK = "assets/host/fairlead/look.py";

/** Seconds for all questions; each has a limit of its own, and Lynis alone may take four minutes. */
const SECONDS = 900;

const answers = z.record(z.string(), z.object({ code: z.number(), out: z.string(), err: z.string() }));

/**
 * Asks a server all questions of an audit in one SSH connection. Root needs nothing on the server: the script that looks
 * travels as an argument. Another user may only call the host tools by sudo, which have the same script. The questions,
 * and the secrets to search for, travel on standard input.
 * @throws CallFailed when the server can't be reached, or refuses to let the user look
 */
export const askOver =
  (server: Server): Ask =>
  (questions) => {
    const options = { seconds: SECONDS };
    if (server.user !== "root") return server.call("look", questions, answers, options);
    return server.program(
      "look",
      ["python3", "-c", readFileSync(join(ROOT, LOOK), "utf8")],
      questions,
      answers,
      options,
    );
  };
