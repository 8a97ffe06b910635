import { z } from "zod";

/** How a stack's server is reached over SSH; paths are relative to the project's folder. */
export const connection = z.object({
  host: z.string(),
  port: z.number(),
  user: z.string(),
  /** File of the private key; without one the SSH agent is asked. */
  identity: z.string().optional(),
  /** File with the pinned host key. */
  knownHosts: z.string(),
  /** The command of the host tools, with sudo where the user isn't root. */
  tool: z.string(),
});

export type Connection = z.output<typeof connection>;

/** Seconds in which the server must accept a connection. */
export const CONNECT = 15;

/**
 * The connection of a stack that an earlier version deployed: its outputs have only the command for a person,
 * `ssh -p 22 [-i FILE] -o UserKnownHostsFile=FILE USER@HOST`.
 * @returns `undefined` for a command of another form
 */
export function connectionFrom(ssh: string): Connection | undefined {
  const match = /^ssh -p (\d+)(?: -i (\S+))?(?: -o UserKnownHostsFile=(\S+))? ([^\s@]+)@(\S+)$/.exec(ssh);
  if (!match) return undefined;
  const [, port, identity, knownHosts = "~/.ssh/known_hosts", user = "", host = ""] = match;
  return { host, port: Number(port), user, identity, knownHosts, tool: toolFor(user) };
}

/** How a user calls the host tools where nothing says it: they need root, and any other user has sudo for them. */
export const toolFor = (user: string): string =>
  `${user === "root" ? "" : "sudo -n "}/usr/local/bin/fairlead`;

/** Arguments of the `ssh` client up to the remote command: the pinned key only, one shared connection, never a question. */
export function sshArguments({ host, port, user, identity, knownHosts }: Connection): string[] {
  const options = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile=${knownHosts}`,
    "ControlMaster=auto",
    "ControlPersist=60",
    "ControlPath=/tmp/fairlead-%C",
    `ConnectTimeout=${CONNECT}`,
  ];
  const key = identity === undefined ? [] : ["-i", identity, "-o", "IdentitiesOnly=yes"];
  return [...key, ...options.flatMap((option) => ["-o", option]), "-p", String(port), `${user}@${host}`];
}
