import type { Op } from "../events/bus.ts";
import { nameOf, STACK_TYPE, typeOf } from "../state/types.ts";

/** How an operation is marked and described. */
interface OpText {
  sign: string;
  color: "green" | "yellow" | "red" | "magenta" | "cyan" | "dim";
  planned: string;
  doing: string;
  done: string;
  /** In the summary of a preview, and of an update. */
  toDo: string;
  did: string;
}

const textOf = (
  sign: string,
  color: OpText["color"],
  planned: string,
  doing: string,
  done: string,
  toDo = `to ${planned}`,
  did = done,
): OpText => ({ sign, color, planned, doing, done, toDo, did });

export const ops: Record<Op, OpText> = {
  same: textOf("  ", "dim", "", "running", "", "unchanged", "unchanged"),
  create: textOf("+ ", "green", "create", "creating", "created"),
  update: textOf("~ ", "yellow", "update", "updating", "updated"),
  delete: textOf("- ", "red", "delete", "deleting", "deleted"),
  replace: textOf("+-", "magenta", "replace", "replacing", "replaced"),
  "create-replacement": textOf(
    "++",
    "green",
    "create replacement",
    "creating replacement",
    "created replacement",
  ),
  "delete-replaced": textOf("--", "red", "delete original", "deleting original", "deleted original"),
  refresh: textOf("~ ", "yellow", "refresh", "refreshing", "refreshed"),
};

/** The order of the summary. */
export const summaryOrder: Op[] = ["create", "update", "delete", "replace", "same"];

/** `docker:index/container:Container` → `docker:index:Container` */
export function shortType(type: string): string {
  const [pkg, module, name] = type.split(":");
  return name === undefined ? type : `${pkg}:${(module ?? "").split("/")[0]}:${name}`;
}

/** Type and name, as a resource is shown. */
export const label = (urn: string): string => `${shortType(typeOf(urn))} ${nameOf(urn)}`;

export const isStack = (urn: string): boolean => typeOf(urn) === STACK_TYPE;

/** `1 created`, `+ 7 to create` … lines of the summary. */
export function summaryLines(changes: Partial<Record<Op, number>>, preview: boolean): string[] {
  const lines: string[] = [];
  for (const op of summaryOrder) {
    const count = changes[op];
    if (!count) continue;
    if (op === "same") lines.push(`${count} unchanged`);
    else
      lines.push(
        `${ops[op].sign.length === 2 ? ops[op].sign.trim().padEnd(2) : ops[op].sign}${count} ${preview ? ops[op].toDo : ops[op].did}`,
      );
  }
  return lines;
}
