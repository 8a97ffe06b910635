import { createInterface } from "node:readline/promises";
import { whileAsking } from "./heartbeat.ts";

/** Asks a person at a terminal for a line of text; an empty answer is the preset. */
export async function askText(question: string, preset = ""): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const hint = preset === "" ? "" : ` [${preset}]`;
  try {
    return (await whileAsking(() => terminal.question(`${question}${hint} `))).trim() || preset;
  } finally {
    terminal.close();
  }
}
