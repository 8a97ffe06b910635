import { parse, stringify } from "yaml";
import type { AlertStack } from "./stack.ts";

/** What must last longer than this before it is told lasts a minute here. */
const LONGEST = 600;

interface Rules {
  groups: { rules: { alert?: string; for?: string }[] }[];
}

/** Prometheus' own form: `1h30m`, `90s`. */
function secondsOf(text: string): number {
  const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit!]!,
    0,
  );
}

/** What was cut: its wait by the alert's name. */
export const CUT: Record<string, string> = {};

/**
 * On the server, the rules as they are with shorter waits.
 * @returns what puts the files back
 */
export async function cutWaits(stack: AlertStack): Promise<{ restore: () => Promise<void> }> {
  const folder = `${stack.root}/prometheus/rules`;
  const before = new Map<string, string>();
  for (const name of (await stack.run(["ls", folder])).split("\n")) {
    const text = await stack.run(["cat", `${folder}/${name}`]);
    const rules = parse(text) as Rules;
    for (const rule of rules.groups.flatMap((group) => group.rules)) {
      if (rule.alert === undefined || secondsOf(rule.for ?? "") <= LONGEST) continue;
      CUT[rule.alert] = rule.for!;
      rule.for = "1m";
    }
    before.set(`${folder}/${name}`, `${text}\n`);
    await stack.run(["tee", `${folder}/${name}`], stringify(rules));
  }
  const reload = (): Promise<string> => stack.docker("kill", "--signal", "HUP", "maicivy_prometheus");
  await reload();
  return {
    restore: async () => {
      for (const [path, text] of before) await stack.run(["tee", path], text);
      await reload();
    },
  };
}
