import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { HIGH } from "../test/images/edge-application.ts";
import { EdgeSite } from "../test/images/edge-site.ts";
import { parsed } from "../test/support/settings.ts";
import type { StackConfig } from "../config/schema/index.ts";
import type { Row } from "./table.ts";

/** What is asked for: so many uploads at once, each of so many bytes at so many a second, beside so many requests a second. */
const UPLOADS = { count: 20, bytes: 50_000_000, rate: 1_000_000 };
const REQUESTS = 100;

/** Slow uploads beside ordinary requests, through the real edge and switch with the memory that a stack gives them. */
export async function measureTransfers(say: (line: string) => void): Promise<Row[]> {
  // Who takes the uploads is a process of its own: what it does for them is no time that the edge takes of a page.
  const site = new EdgeSite(settings(), undefined, ["files"]);
  // What the same uploads cost when they don't pass this edge: the price of a machine that does all of it at once.
  const other = new EdgeSite(settings(), undefined, ["files"]);
  const receivers: ChildProcess[] = [];
  const folder = mkdtempSync(join(tmpdir(), "fairlead-transfers-"));
  const file = join(folder, "body");
  writeFileSync(file, "");
  truncateSync(file, UPLOADS.bytes);
  try {
    for (const one of [site, other]) {
      await one.start();
      receivers.push(await receiver(one));
    }
    const seconds = UPLOADS.bytes / UPLOADS.rate;
    say(`${REQUESTS} requests a second for ${seconds} s`);
    const alone = await requests(site, sleep(seconds * 1000));
    const uploads = (to: EdgeSite): Promise<string[]> =>
      Promise.all(Array.from({ length: UPLOADS.count }, () => upload(to, file)));
    say(`the same during ${UPLOADS.count} uploads of ${UPLOADS.bytes / 1e6} MB through another edge`);
    const apart = await requests(site, uploads(other));
    say("the same during as many through this one");
    const under = uploads(site);
    const beside = await requests(site, under);
    const answers = await under;
    const { State } = await site.edge.inspect();
    return [
      { measure: "ordinary requests that failed beside slow uploads", figure: beside.failed, unit: "" },
      {
        measure: "slow uploads that failed",
        figure: answers.filter((answer) => answer !== `${UPLOADS.bytes} ${UPLOADS.bytes} 200`).length,
        unit: "",
        note: `${UPLOADS.count} of ${UPLOADS.bytes / 1e6} MB at ${UPLOADS.rate / 1e6} MB/s`,
      },
      { measure: "edges killed for memory", figure: State.OOMKilled || !State.Running ? 1 : 0, unit: "" },
      {
        measure: "p99 beside slow uploads, of that without",
        figure: beside.p99 / alone.p99,
        unit: "×",
        goal: 2,
        note: `${alone.p99.toFixed(1)} ms → ${beside.p99.toFixed(1)} ms of ${beside.count}`,
      },
      {
        measure: "p99 beside slow uploads, of that beside the same uploads through another edge",
        figure: beside.p99 / apart.p99,
        unit: "×",
        note: `${apart.p99.toFixed(1)} ms → ${beside.p99.toFixed(1)} ms`,
      },
    ];
  } finally {
    for (const one of receivers) one.stdin!.end();
    await site.end();
    await other.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

function settings(): StackConfig {
  const image = "ghcr.io/me/api:1.0.0";
  const apps = {
    files: { image, port: 3001, routes: [{ path: "/upload/", maxBody: "400 MB" }] },
    web: { image, port: 3000, routes: [{ path: "/" }] },
  };
  return parsed({ apps, images: "debian", edge: { limits: HIGH } }).config;
}

/** Starts who takes the uploads, and waits until it listens. */
async function receiver(site: EdgeSite): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [join(__dirname, "edge", "receiver.mjs"), join(site.folder, "run", "files.socket")],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  await once(child.stdout, "data");
  return child;
}

/** Asks at a steady rate until something is over, in a process of its own; milliseconds. */
async function requests(
  site: EdgeSite,
  until: Promise<unknown>,
): Promise<{ p99: number; failed: number; count: number }> {
  const url = "https://maicivy.test/page?bytes=2000";
  const asker = execa(
    process.execPath,
    [join(__dirname, "edge", "asker.mjs"), url, site.address, String(REQUESTS)],
    {
      stdin: "pipe",
      maxBuffer: 10_000_000,
    },
  );
  await until;
  asker.stdin.end();
  const { times, failed } = JSON.parse((await asker).stdout) as { times: number[]; failed: number };
  times.sort((a, b) => a - b);
  return { p99: times[Math.floor(times.length * 0.99)] ?? Infinity, failed, count: times.length };
}

/**
 * One slow upload in a process of its own, which gives way to the server's: a real visitor has a machine of their own.
 * Resolves to what the application counted, and the status.
 */
async function upload(site: EdgeSite, file: string): Promise<string> {
  const child = spawn(
    "nice",
    ["-n", "19", "curl", "-sk", "--http1.1", "--limit-rate", String(UPLOADS.rate), "-T", file].concat(
      ["-H", "Expect:", "-w", " %{http_code}", "--resolve", `maicivy.test:443:${site.address}`],
      ["https://maicivy.test/upload/count"],
    ),
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let out = "";
  child.stdout.on("data", (part: Buffer) => (out += part.toString()));
  await once(child, "close");
  return out;
}
