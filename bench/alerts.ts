import { setTimeout as sleep } from "node:timers/promises";
import { plan, type Plan } from "./alerts/all.ts";
import type { Scene } from "./alerts/breakage.ts";
import { CUT, cutWaits } from "./alerts/cut.ts";
import { faults } from "./alerts/faults.ts";
import { healthy } from "./alerts/healthy.ts";
import { SteadyLoad } from "./alerts/load.ts";
import { mountDisks, unmountDisks } from "./alerts/machine.ts";
import { People } from "./alerts/people.ts";
import { Breaker, type Seen } from "./alerts/run.ts";
import { AlertStack, memory } from "./alerts/stack.ts";
import type { Keep, Row } from "./table.ts";

/** Requests a second, 18 in all. */
const RATES = {
  "/": 1,
  "/api/items": 1,
  "/api/counter": 1,
  "/failing/": 3,
  "/counted/": 5,
  "/slow/": 1,
  "/spends/": 5,
  "/gone/": 0.5,
  "/many/": 0.25,
  "/work/": 0.25,
};

/** Seconds within which an outage of everything must be told. */
const SOON = 120;
/** Seconds; an alert over a window of six hours ends half an hour after its cause, for which nobody waits here. */
const ENDS = 360;
const OUTAGES = ["EdgeDown", "SwitchDown", "SiteDown"];

type Task = (scene: Scene, load: SteadyLoad) => Promise<void>;

/** A stack with monitoring, its applications asked all the time, and somebody who is told. */
async function watched(say: (line: string) => void, task: Task): Promise<void> {
  const people = new People();
  const stack = new AlertStack();
  const before = memory();
  let load: SteadyLoad | undefined;
  try {
    await stack.up(await people.start(say));
    load = new SteadyLoad(stack.client, RATES);
    await task({ stack, people, memory: before }, load);
  } finally {
    load?.stop();
    await stack.down().catch((error: Error) => say(error.message));
    await people.stop();
  }
}

/** Half an hour in which all is well. */
export function measureHealthy(say: (line: string) => void, keep: Keep): Promise<void> {
  return watched(say, async (scene, load) => keep(...(await healthy(scene, load, say))));
}

/**
 * Outages, one after the other, and what monitoring itself meets with: what is broken is told, mended, and its end is told.
 */
export function measureOutages(say: (line: string) => void, keep: Keep): Promise<void> {
  return breaking(say, keep, async (scene, breaker, { before, after }) => {
    for (const outage of before) {
      await breaker.wave(outage, 300);
      await breaker.resolved(400, outage);
    }
    const { restore } = await cutWaits(scene.stack);
    for (const last of after) {
      await breaker.wave(last, 600);
      await breaker.resolved(400, last);
    }
    await restore();
    await faults(scene, say, keep);
  });
}

/** Every other alert end to end, all at the same time. */
export function measureAlerts(say: (line: string) => void, keep: Keep): Promise<void> {
  return breaking(say, keep, async (scene, breaker, { together }) => {
    await mountDisks(scene);
    const { restore } = await cutWaits(scene.stack);
    // Exporter, figures and rules go through their turns.
    await sleep(60_000);
    await breaker.wave(together, 1500);
    await breaker.resolved(ENDS);
    await restore();
    await unmountDisks(scene);
  });
}

type Breaking = (scene: Scene, breaker: Breaker, all: Plan) => Promise<void>;

/** A stack on which things are broken; what is not told of, and what is left over, are faults. */
function breaking(say: (line: string) => void, keep: Keep, task: Breaking): Promise<void> {
  return watched(say, async (scene) => {
    const breaker = new Breaker(scene.people, say);
    try {
      await task(scene, breaker, plan(scene, Math.floor(Date.now() / 1000)));
    } finally {
      keep(...breaker.seen.map(row));
    }
    const drift = await scene.stack.verb("drift");
    const missed = breaker.seen.filter(({ told }) => told === undefined);
    const wrong = [
      ...breaker.faults,
      ...missed.map(({ alert, how }) => `nobody was told of ${alert}: ${how}`),
      ...(drift.exitCode === 0 ? [] : [`drift after all was mended:\n${drift.stdout}`]),
    ];
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  });
}

function row({ alert, labels, how, told, resolved, severity }: Seen): Row {
  const which =
    labels.window ?? labels.measure ?? (alert === "CertificateExpiring" ? labels.severity : undefined);
  const end = resolved === undefined ? "its end was not seen" : `resolved after ${Math.round(resolved)} s`;
  return {
    measure: which === undefined ? alert : `${alert} (${which})`,
    figure: told ?? Infinity,
    unit: "s",
    ...(OUTAGES.includes(alert) ? { goal: SOON } : {}),
    note: `${how}${waits(alert, labels)}; ${severity ?? "not told"}; ${end}`,
  };
}

/** Of the alerts whose waits are cut: of several windows only the longest waits so long. */
function waits(alert: string, { window }: Seen["labels"]): string {
  const cut = CUT[alert];
  return cut !== undefined && (window === undefined || window === "3d")
    ? `; it waits 1 min instead of ${cut}`
    : "";
}
