import type { Client } from "ssh2";
import type { Ctx, Props } from "../contract.ts";
import { checkConnection, dial, markPrivateKey } from "./connection.ts";
import { lifecycle } from "./lifecycle.ts";
import { commandResource } from "./resource.ts";
import { Collector, previousOutput, textMap } from "./output.ts";
import type { CommandOutput } from "./output.ts";

type Env = Record<string, string>;

type Sink = (stream: "stdout" | "stderr", chunk: Buffer) => void;

/**
 * Runs a command in a session of its own. Resolves with how it failed, in the words of the official provider, undefined
 * for success. Everything is attached in the callback: a short command may have ended before a promise would resume.
 */
function session(
  client: Client,
  command: string,
  env: Env,
  stdin: string,
  sink: Sink,
): Promise<string | undefined> {
  return new Promise((resolve, reject) =>
    client.exec(command, { env }, (error, channel) => {
      if (error) return reject(error);
      let failure: string | undefined = "the connection was lost before the command ended";
      channel.on("data", (chunk: Buffer) => sink("stdout", chunk));
      channel.stderr.on("data", (chunk: Buffer) => sink("stderr", chunk));
      channel.on("error", () => undefined);
      channel.on("exit", (code: number | null, signal?: string) => {
        failure = code === 0 ? undefined : `Process exited with status ${code ?? 128}`;
        if (signal)
          failure = `Process exited with status ${code ?? 128} from signal ${signal.replace(/^SIG/, "")}`;
      });
      channel.once("close", () => resolve(failure));
      channel.end(stdin);
    }),
  );
}

/** Names of variables that the server did not accept. ssh2 doesn't ask for the server's answer, so they are read back. */
async function refusedVariables(client: Client, env: Env): Promise<string[]> {
  let seen = "\n";
  await session(client, "env", env, "", (_stream, chunk) => (seen += chunk.toString("utf8")));
  return Object.keys(env).filter((name) => !seen.includes(`\n${name}=`));
}

const hint =
  "This only works if your SSH server is configured to accept these variables via AcceptEnv. Or let a shell " +
  "set them: VAR=value command";

/** Runs a command on a server, over a connection of its own. */
async function runRemote(
  ctx: Ctx,
  urn: string,
  command: string,
  inputs: Props,
  previous: Props,
): Promise<CommandOutput> {
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
    const out = new Collector(ctx, urn, inputs["logging"]);
    const stdin = typeof inputs["stdin"] === "string" ? inputs["stdin"] : "";
    const failure = await session(client, command, env, stdin, (stream, chunk) => out.add(stream, chunk));
    return out.finish(failure, command);
  } finally {
    ctx.signal.removeEventListener("abort", stop);
    client.end();
  }
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
    seal: markPrivateKey,
    verify: (_ctx, inputs) => checkConnection("command:remote:Command", inputs["connection"]),
  },
);
