import type { World } from "./world.ts";

/** A process of an application that started or ended. */
export interface Entry {
  process: string;
  what: "start" | "die";
  /** Exit code of one that ended. */
  code: string;
}

const UNIT = "fairlead-test-diary";
const FORMAT =
  '{{.Action}} {{index .Actor.Attributes "service"}} {{or (index .Actor.Attributes "process") "web"}} {{index .Actor.Attributes "exitCode"}}';

/** What the engine on a box starts and what ends there, written down by itself. */
export const diary = {
  /** Begins with an empty page. */
  async begin(world: World): Promise<void> {
    await diary.end(world);
    const events = [
      "docker",
      "events",
      "--filter",
      "event=start",
      "--filter",
      "event=die",
      "--format",
      FORMAT,
    ];
    await world.ssh(["systemd-run", "--collect", `--unit=${UNIT}`, ...events]);
    await world.ssh(["journalctl", "--rotate"]);
    await diary.turn(world);
  },

  /** From now on {@link read} gives only what comes. */
  async turn(world: World): Promise<void> {
    since = (await world.ssh(["date", "+%s.%N"])).stdout.trim();
  },

  async read(world: World, app: string): Promise<Entry[]> {
    const { stdout } = await world.ssh(["journalctl", "-o", "cat", "-u", UNIT, "--since", `@${since}`]);
    return stdout.split("\n").flatMap((line): Entry[] => {
      const [what, service, process = "", code = ""] = line.split(" ");
      return service === app && (what === "start" || what === "die") ? [{ process, what, code }] : [];
    });
  },

  async end(world: World): Promise<void> {
    await world.ssh(["systemctl", "stop", UNIT]).catch(() => undefined);
  },
};

let since = "";
