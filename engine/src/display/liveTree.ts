import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";
import type { EngineEvent, Op, Step } from "../events/bus.ts";
import { isDefaultProvider, nameOf, typeOf } from "../state/types.ts";
import { changedProperties } from "./progressLines.ts";
import { isStack, ops, shortType } from "./opText.ts";

interface Row {
  urn: string;
  parent: string;
  op: Op;
  step: Step;
  started: number;
  ended: number | undefined;
  failed: boolean;
  note: string;
}

/** Redraws this often; seconds tick in between. */
const FRAME_MS = 120;

/** Draws the resources as a tree and updates it in place with each step. Unchanged ones are left out. */
export function liveTree(out: NodeJS.WriteStream, preview: boolean): (event: EngineEvent) => void {
  const rows = new Map<string, Row>();
  let drawn = 0;
  let finished = false;
  const timer = setInterval(() => draw(), FRAME_MS);
  timer.unref();
  const showCursor = (): void => void out.write("\x1b[?25h");
  out.write("\x1b[?25l");
  process.once("exit", showCursor);

  const draw = (): void => {
    const room = finished ? Infinity : Math.max(3, (out.rows || 24) - 2);
    let lines = treeLines([...rows.values()], preview, out.columns || 80);
    if (lines.length > room)
      lines = [`    … ${lines.length - room + 1} more above`, ...lines.slice(1 - room)];
    const up = drawn > 0 ? `\x1b[${drawn}A` : "";
    out.write(`${up}\x1b[0J${lines.map((line) => `${line}\n`).join("")}`);
    drawn = lines.length;
  };

  return (event) => {
    if (event.kind === "summary") {
      finished = true;
      clearInterval(timer);
      draw();
      process.off("exit", showCursor);
      showCursor();
      out.write("\n");
    }
    if (event.kind === "diag" && event.urn && event.severity !== "debug") {
      const row = rows.get(event.urn);
      if (row) row.note = event.message.trim().split("\n").at(-1) ?? "";
    }
    if (event.kind !== "pre" && event.kind !== "outputs" && event.kind !== "failed") return;
    const { step } = event;
    if (isDefaultProvider(step.urn)) return;
    if (event.kind === "pre") {
      const before = rows.get(step.urn);
      const started = before && before.ended === undefined ? before.started : performance.now();
      const parent = (step.new ?? step.old)?.parent ?? "";
      const row = {
        urn: step.urn,
        parent,
        op: step.op,
        step,
        started,
        ended: undefined,
        failed: false,
        note: "",
      };
      rows.set(step.urn, { ...row, note: before?.note ?? "" });
      return;
    }
    const row = rows.get(step.urn);
    if (!row) return;
    row.op = event.kind === "outputs" ? (event.result ?? step.op) : step.op;
    row.ended = performance.now();
    row.failed = event.kind === "failed";
  };
}

function treeLines(rows: Row[], preview: boolean, width: number): string[] {
  const shown = new Set(rows.filter((r) => r.op !== "same" || isStack(r.urn)).map((r) => r.urn));
  const byUrn = new Map(rows.map((row) => [row.urn, row]));
  // The components around a changed resource are shown too.
  for (const urn of [...shown]) {
    for (let row = byUrn.get(urn); row && row.parent; row = byUrn.get(row.parent)) shown.add(row.parent);
  }
  const children = new Map<string, Row[]>();
  for (const row of rows) {
    if (!shown.has(row.urn)) continue;
    const parent = byUrn.has(row.parent) ? row.parent : "";
    children.set(parent, [...(children.get(parent) ?? []), row]);
  }
  const lines: string[] = [];
  const walk = (parent: string, indent: string): void => {
    const list = children.get(parent) ?? [];
    list.forEach((row, i) => {
      const last = i === list.length - 1;
      const branch = parent === "" ? "" : last ? "└─ " : "├─ ";
      lines.push(rowLine(row, indent + branch, preview, width));
      walk(row.urn, parent === "" ? indent : indent + (last ? "   " : "│  "));
    });
  };
  walk("", "");
  return lines;
}

function rowLine(row: Row, lead: string, preview: boolean, width: number): string {
  const { sign, color, planned, doing, done } = ops[row.op];
  const running = row.ended === undefined;
  const seconds = (((row.ended ?? performance.now()) - row.started) / 1000).toFixed(running ? 0 : 1);
  const words = preview ? planned : running ? doing : done;
  const timing = preview || (row.op === "same" && !running) ? "" : ` (${seconds}s)`;
  const state = row.failed ? pc.red(`**failed** ${doing}${timing}`) : pc[color](`${words}${timing}`);
  const name = `${lead}${shortType(typeOf(row.urn))} ${pc.bold(nameOf(row.urn))}`;
  const detail = row.note || changedProperties(row.step);
  const room = width - (4 + lead.length + shortType(typeOf(row.urn)).length + nameOf(row.urn).length + 30);
  const tail = room > 8 ? pc.dim(detail.length > room ? `${detail.slice(0, room - 1)}…` : detail) : "";
  const line = ` ${pc[color](sign.padEnd(2))} ${name}  ${state} ${tail}`.trimEnd();
  // A line that wraps would break the next redraw.
  const plain = stripVTControlCharacters(line);
  return plain.length < width ? line : `${plain.slice(0, width - 2)}…`;
}
