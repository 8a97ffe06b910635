import type { ContainerInspectInfo } from "dockerode";
import { execa } from "execa";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { boxAt, nameOf } from "./server.ts";
import { world } from "./stack.ts";

/** Staging's box, as this machine's engine describes it. */
export async function box(): Promise<ContainerInspectInfo> {
  return boxAt(new URL(world.staging.url).port);
}

/** Name of staging's box on this machine's engine. */
export async function boxName(): Promise<string> {
  return nameOf(await box());
}

/** A program on the box, past SSH and its firewall: as at a rented server's console. */
export async function onConsole(
  argv: string[],
): Promise<{ exitCode?: number; stdout: string; all?: string }> {
  return execa("docker", ["exec", await boxName(), ...argv], { reject: false, all: true });
}

/** Addresses of the box on a network of this machine. */
export async function addressesOn(network: string): Promise<{ v4: string; v6: string }> {
  const { NetworkSettings: settings } = await box();
  const { IPAddress: v4, GlobalIPv6Address: v6 } = settings.Networks[network]!;
  return { v4, v6 };
}

/**
 * The TCP ports that a stranger on the box's network finds open, by address: really connects to each.
 * @param image of a container with Python: that of staging's box when absent
 */
export async function openPorts(
  network: string,
  addresses: string[],
  [first, last]: [number, number] = [1, 65535],
  image?: string,
): Promise<Record<string, number[]>> {
  const { stdout } = await execa(
    "docker",
    [
      "run",
      "--rm",
      "-i",
      "--network",
      network,
      "--ulimit",
      "nofile=8192:8192",
      "--entrypoint",
      "python3",
      image ?? (await box()).Image,
      "-",
      String(first),
      String(last),
      ...addresses,
    ],
    { input: readFileSync(join(__dirname, "scan.py"), "utf8"), timeout: 240_000 },
  );
  return JSON.parse(stdout) as Record<string, number[]>;
}

/** Waits until a condition holds; fails with what was waited for. */
export async function until(what: string, seconds: number, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} did not happen within ${seconds} s`);
    await sleep(500);
  }
}
