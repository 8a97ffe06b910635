import type { Client, ClientChannel } from "ssh2";
import type { Ctx, Props } from "../contract.ts";
import { checkConnection, dial } from "./connection.ts";
import { lifecycle } from "./lifecycle.ts";
import { commandResource } from "./resource.ts";
import { Collector, previousOutput, textMap } from "./run.ts";
import type { Finished } from "./run.ts";

type Env = Record<string, string>;

function exec(client: Client, command: string, env: Env): Promise<ClientChannel> {
  return new Promise((resolve, reject) =>
    client.exec(command, { env }, (error, channel) => (error ? reject(error) : resolve(channel))),
  );
}

/** Names of variables that the server did not accept. ssh2 doesn't ask for the server's answer, so we look. */
async function refusedVariables(client: Client, env: Env): Promise<string[]> {
  const channel = await exec(client, "env", env);
  const parts: Buffer[] = [];
  channel.on("data", (chunk: Buffer) => parts.push(chunk));
  channel.stderr.resume();
  await new Promise((resolve) => channel.once("close", resolve));
  const seen = Buffer.concat(parts).toString("utf8");
  return Object.keys(env).filter((name) => !seen.startsWith(`${name}=`) && !seen.includes(`\n${name}=`));
}

const hint =
  "This only works if your SSH server is configured to accept these variables via AcceptEnv. Or let a shell " +
  "set them: VAR=value command";

/** Runs a command on a server, over a connection of its own. */
export async function runRemote(
  ctx: Ctx,
  urn: string,
  command: string,
  inputs: Props,
  previous: Props,
): Promise<Finished> {
  const client = await dial(ctx, urn, inputs["connection"] as Props);
  const stop = (): void => void client.destroy();
  ctx.signal.addEventListener("abort", stop, { once: true });
  try {
    const wanted = textMap(inputs["environment"]);
    const env = { ...wanted, ...previousOutput(inputs, previous) };
    const refused = Object.keys(env).length > 0 ? await refusedVariables(client, env) : [];
    for (const name of refused) {
      if (name in wanted)
        throw new Error(`could not set environment variable ${JSON.stringify(name)}. ${hint}`);
      ctx.log("warning", `Unable to set '${name}'. ${hint}`, urn);
    }
    return await collect(ctx, urn, await exec(client, command, env), command, inputs);
  } finally {
    ctx.signal.removeEventListener("abort", stop);
    client.end();
  }
}

async function collect(
  ctx: Ctx,
  urn: string,
  channel: ClientChannel,
  command: string,
  inputs: Props,
): Promise<Finished> {
  const out = new Collector(ctx, urn, inputs["logging"]);
  channel.on("data", (chunk: Buffer) => out.add("stdout", chunk));
  channel.stderr.on("data", (chunk: Buffer) => out.add("stderr", chunk));
  channel.on("error", () => undefined);
  let failure: string | undefined = "the connection was lost before the command ended";
  channel.on("exit", (code: number | null, signal?: string) => {
    failure = code === 0 ? undefined : `Process exited with status ${code ?? 128}`;
    if (signal)
      failure = `Process exited with status ${code ?? 128} from signal ${signal.replace(/^SIG/, "")}`;
  });
  const closed = new Promise((resolve) => channel.once("close", resolve));
  channel.end(typeof inputs["stdin"] === "string" ? inputs["stdin"] : "");
  await closed;
  return out.finish(failure, command);
}

/** `command.remote.Command` */
export const remoteCommand = commandResource(
  "command:remote:Command",
  {
    addPreviousOutputInEnv: "boolean",
    connection: "object!",
    create: "string",
    delete: "string",
    environment: "textMap",
    logging: "string",
    stdin: "string",
    triggers: "list",
    update: "string",
  },
  {
    ...lifecycle(runRemote),
    verify: (_ctx, inputs) => checkConnection("command:remote:Command", inputs["connection"]),
  },
);
