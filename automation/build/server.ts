import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import type { Parsed } from "../../config/parse.ts";
import { engine } from "../images/engine.ts";
import { sshArguments, toolFor } from "../lib/connection.ts";
import { explain, UserError } from "../lib/errors.ts";
import { readOutputs } from "../lib/outputs.ts";
import { Server } from "../lib/server.ts";
import { architectureOf, type Architecture } from "./machine.ts";

/**
 * The processor of a stack's server: that of this machine's engine for a box; the server is asked otherwise, also before
 * the first deploy.
 * @throws UserError when it can't be asked
 */
export async function serverArchitecture(stack: Stack, settings: Parsed): Promise<Architecture> {
  const { server } = settings.config;
  if (server.address === undefined) return (await engine().version()).Arch;
  const outputs = readOutputs(await stack.outputs());
  try {
    // Another address since then is another server.
    if (outputs?.connection.host === server.address)
      return architectureOf(await Server.of(outputs).machine());
    return await asked(settings);
  } catch (error) {
    const { message } = explain(error);
    throw new UserError(
      `${server.address} can't be asked for its processor, for which the image is built: ${message}`,
      // Not with the files that this look had: they are gone by then.
      `It has to be up before an image can be built for it: ssh -p ${server.port} ${server.user}@${server.address} shows more.`,
      { cause: error },
    );
  }
}

/** With the stack file's own words: no update has written key and host key yet. */
async function asked({ config: { server }, secrets }: Parsed): Promise<Architecture> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-login-"));
  const [knownHosts, identity] = [join(folder, "known_hosts"), join(folder, "identity")];
  try {
    const host = server.port === 22 ? server.address! : `[${server.address}]:${server.port}`;
    writeFileSync(knownHosts, `${host} ${server.hostKey}\n`, { mode: 0o600 });
    const key = secrets.SSH_PRIVATE_KEY;
    if (key !== undefined) writeFileSync(identity, `${key.trimEnd()}\n`, { mode: 0o600 });
    const { port, user } = server;
    const login = { host: server.address!, port, user, knownHosts, tool: toolFor(user) };
    const ssh = sshArguments({ ...login, identity: key === undefined ? undefined : identity });
    return architectureOf(await new Server({ ssh, tool: login.tool }).machine());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
