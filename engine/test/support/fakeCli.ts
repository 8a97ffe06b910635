import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { fakePackage, World, type Thing } from "./world.ts";

/**
 * The CLI with the fake provider. FAKE_WORLD names the file that the fake world is kept in; FAKE_KILL_AT=n kills the
 * process right before its n-th write of a checkpoint, FAKE_SLOW=ms makes each operation take that long.
 */
const file = process.env["FAKE_WORLD"] ?? "";
const world = new World();
if (fs.existsSync(file)) {
  for (const thing of JSON.parse(fs.readFileSync(file, "utf8")) as Thing[]) world.things.set(thing.id, thing);
}
const save = (): void => fs.writeFileSync(file, JSON.stringify([...world.things.values()]));
const operate = world.operate.bind(world);
world.operate = async (operation, urn, effect, gate) => {
  const slow = Number(process.env["FAKE_SLOW"] ?? 0);
  if (slow > 0) await new Promise((resolve) => setTimeout(resolve, slow));
  if (process.env["FAKE_FAIL"] === `${operation} ${urn.split("::").at(-1) ?? ""}`)
    throw new Error("asked to fail");
  const result = await operate(operation, urn, effect, gate);
  save();
  return result;
};
const killAt = Number(process.env["FAKE_KILL_AT"] ?? -1);
let writes = 0;
const rename = fs.renameSync;
fs.renameSync = (from, to) => {
  if (/stacks\/.*\.json$/.test(String(to)) && writes++ === killAt) process.kill(process.pid, "SIGKILL");
  rename(from, to);
};
syncBuiltinESMExports();

const { main } = await import("../../src/cli/main.ts");
process.exitCode = await main(process.argv.slice(2), () => Promise.resolve({ fake: fakePackage(world) }));
