import type { UserError } from "../../../automation/lib/errors.ts";
import { Progress } from "../../../automation/lib/progress.ts";
import { during, startHeartbeat, whileAsking } from "../../../automation/lib/heartbeat.ts";
import { runTasks } from "../../../automation/lib/tasks.ts";

/** A verb that says nothing by itself: `quiet.ts task|engine|ask|stuck|idle`. */
const [kind = ""] = process.argv.slice(2);
const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const fail = ({ message, remedy }: UserError): never => {
  process.stderr.write(`Failed: ${message}\nWhat to do: ${remedy}\n`);
  process.exit(2);
};
startHeartbeat(fail, { silence: 200, limit: kind === "stuck" ? 600 : 60_000 });
const list = (task: (context: object, wrapper: { output: string }) => Promise<void>): Promise<void> =>
  runTasks([{ title: "Images", task }], {}, { json: true });

const KINDS: Record<string, () => Promise<unknown>> = {
  task: () =>
    list(async (_, task) => {
      task.output = "building nginx";
      await sleep(700);
    }),
  engine: () => {
    const progress = new Progress(() => undefined);
    const urn = "urn:pulumi:prod::fairlead::docker:index/container:Container::web";
    const metadata = { op: "create", urn, type: "docker:index/container:Container", new: { custom: true } };
    progress.onEvent({ resourcePreEvent: { metadata } } as never);
    return during(progress.underway, () => sleep(700));
  },
  ask: () =>
    during(
      () => "asking",
      () => whileAsking(() => sleep(700)),
    ),
  stuck: () =>
    during(
      () => "looking at the server",
      () => sleep(20_000),
    ),
  idle: () => sleep(700),
};

void KINDS[kind]!().then(() => {
  console.log("{}");
  process.exit(0);
});
