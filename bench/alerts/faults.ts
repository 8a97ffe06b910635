import { setTimeout as sleep } from "node:timers/promises";
import type { Row } from "../table.ts";
import type { Scene } from "./breakage.ts";

const NAME = "maicivy_prometheus";
/** Seconds of silence after which a dead man's switch that is told each minute speaks. */
const GRACE = 120;

async function until(what: string, seconds: number, holds: () => Promise<boolean>): Promise<number> {
  const began = Date.now();
  while (!(await holds().catch(() => false))) {
    if (Date.now() - began > seconds * 1000) throw new Error(`${what} did not happen within ${seconds} s`);
    await sleep(500);
  }
  return (Date.now() - began) / 1000;
}

/** What monitoring itself meets with. */
export async function faults(
  scene: Scene,
  say: (line: string) => void,
  keep: (row: Row) => void,
): Promise<void> {
  for (const [name, fault] of Object.entries({ refused, killed, silent, full })) {
    say(`fault: ${name}`);
    const row = await fault(scene);
    say(`${row.measure}: ${row.figure.toFixed(1)} s; ${row.note ?? ""}`);
    keep(row);
  }
}

/** A receiver that refuses for a minute and a half; nothing is lost. */
async function refused({ stack, people }: Scene): Promise<Row> {
  const began = Date.now();
  people.tell({ status: { "/alerts": 503 } });
  await stack.docker("stop", "--time", "2", "maicivy_nginx");
  await until("a refused notification", 180, () => Promise.resolve((people.refused["/alerts"] ?? 0) > 2));
  await sleep(90_000 - Math.min(Date.now() - began, 90_000));
  people.tell({ status: { "/alerts": 200 } });
  const known = (status: string) => (): Promise<boolean> =>
    Promise.resolve(
      people.told.some(
        (one) => one.at > began && one.labels.alertname === "EdgeDown" && one.status === status,
      ),
    );
  const figure = await until("the notification", 300, known("firing"));
  const times = people.refused["/alerts"] ?? 0;
  await stack.docker("start", "maicivy_nginx");
  await until("its end", 300, known("resolved"));
  return {
    measure: "the receiver takes notifications again → told",
    figure,
    unit: "s",
    note: `refused ${times} times`,
  };
}

/** Its process dies; what fired before fires afterwards, and nothing else. */
async function killed({ stack, people }: Scene): Promise<Row> {
  const before = people.told.length;
  const pid = await stack.docker("inspect", "--format", "{{.State.Pid}}", NAME);
  await stack.run(["kill", "-9", pid]);
  await sleep(1000);
  const figure = await until("an answer of Prometheus", 120, async () => (await stack.ask("up")).length > 0);
  const kept = (await stack.ask("count_over_time(up{job='prometheus'}[10m]) > 10")).length > 0;
  await sleep(90_000);
  const told = people.told.slice(before).map(({ labels, status }) => `${labels.alertname} ${status}`);
  if (!kept) throw new Error("Prometheus lost the figures of before");
  return {
    measure: "Prometheus killed → answers again, with its figures",
    figure,
    unit: "s",
    note: told.length === 0 ? "nobody is told of anything" : `told: ${told.join(", ")}`,
  };
}

/** Prometheus stopped for good: who hears nothing any more speaks. */
async function silent({ stack, people }: Scene): Promise<Row> {
  const began = Date.now();
  await stack.docker("stop", "--time", "10", NAME);
  const last = (): number => Math.max(...people.heard);
  await until("silence", 600, () => Promise.resolve(Date.now() - Math.max(began, last()) > GRACE * 1000));
  const words = Math.max(0, (last() - began) / 1000);
  await stack.docker("start", NAME);
  await until("the dead man's switch hears again", 120, () => Promise.resolve(Date.now() - last() < 5000));
  return {
    measure: "Prometheus stopped → a dead man's switch speaks",
    figure: words + GRACE,
    unit: "s",
    goal: 300,
    note: `last word after ${words.toFixed(0)} s; it waits ${GRACE} s for the next one`,
  };
}

/** The disk of its data is full: somebody is told, and it works on afterwards. */
async function full({ stack, people }: Scene): Promise<Row> {
  const data = "/var/lib/docker/volumes/maicivy_prometheus_data/_data";
  await stack.docker("stop", "--time", "30", NAME);
  await stack.script(`mount -t tmpfs -o size=24m,mode=0777 tmpfs "$1"`, data);
  await stack.docker("start", NAME);
  await until("an answer of Prometheus", 120, async () => (await stack.ask("up")).length > 8);
  const began = Date.now();
  await stack.script(`head -c 24m /dev/zero >"$1/filling" || true`, data);
  let row: Row;
  try {
    const mine = (): string[] =>
      people.told
        .filter(
          ({ at, status, labels }) => at > began && status === "firing" && labels.alertname !== "TestAlert",
        )
        .map(({ labels }) => labels.alertname!);
    const figure = await until("a word about it", 900, () => Promise.resolve(mine().length > 0));
    row = {
      measure: "the disk of Prometheus full → told",
      figure,
      unit: "s",
      note: [...new Set(mine())].join(", "),
    };
  } finally {
    await stack.docker("stop", "--time", "30", NAME);
    await stack.run(["umount", data]);
    await stack.docker("start", NAME);
  }
  await until("an answer of Prometheus", 120, async () => (await stack.ask("up")).length > 8);
  return row;
}
