import { ConcurrentUpdateError, StackNotFoundError } from "@pulumi/pulumi/automation";
import { lockHolder } from "../lock/holder.ts";

/** An error that a person can act on: what is wrong, and what to do. */
export class UserError extends Error {
  constructor(
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "UserError";
  }
}

/** What the engine prints, in words that hold a remedy. The one place that reads foreign error text. */
const KNOWN: [RegExp, (match: RegExpExecArray) => UserError][] = [
  [
    /incorrect passphrase/,
    () =>
      new UserError(
        "The passphrase doesn't open the stack's secrets.",
        "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one that the stack was made with.",
      ),
  ],
  [
    /error: (?:.*\/)?(Pulumi\.\S+\.yaml): (.* at line \d+, column \d+)/,
    ([, file, problem]) =>
      new UserError(`${file} is no YAML: ${problem}.`, "Correct that line and run the same command again."),
  ],
  [
    /no stack named '(.*)' found/,
    ([, stack]) =>
      new UserError(`${stack} was never deployed.`, `npm run up -- --stack ${stack} deploys it.`),
  ],
  // What the server says of its owner, and of settings that data depends on: in three sentences.
  [
    /(?:fairlead [a-z-]+: |\[Stack\]: )(\S.*) Nothing was changed\. (.*)/,
    ([, what, remedy]) => new UserError(`${capital(what!)} Nothing was changed.`, capital(remedy!)),
  ],
  [
    /the server is being changed by another run: (.*? ago)\. Nothing was changed on it\. (.*)/,
    ([, who, remedy]) => new UserError(`The server is being changed by another run: ${who}.`, remedy!),
  ],
  [/unable to read PULUMI_CONFIG_PASSPHRASE_FILE: .*'(.*)'/, ([, file]) => lostPassphrase(file!)],
  [
    /fork\/exec .*: argument list too long/,
    () =>
      new UserError(
        "The stack's configuration is larger than the official Pulumi CLI can give to a program: 128 kB (pulumi/pulumi#8680).",
        "Set FAIRLEAD_ENGINE=embedded, which takes any size and keeps the same state, or make the configuration smaller.",
      ),
  ],
  [/the stack is currently locked by (.*)/, ({ 1: first, input }) => locked(first!, input)],
  [
    /(?:(\S*:\d+):? (?:failed|bind): )?(?:port is already allocated|address already in use)/,
    ({ 1: address = "" }) => taken(address),
  ],
  [
    /all configured authentication methods failed|unable to authenticate, attempted methods/i,
    () =>
      new UserError(
        "The server refuses the key of the SSH user.",
        "Check server.user and SSH_PRIVATE_KEY (or the SSH agent). A fresh server or box knows root only: deploy once with server.user: root (docs/server.md).",
      ),
  ],
  [
    /the new (\S+) settings were taken back at (.*): no new connection/,
    ([, subject, when]) =>
      new UserError(
        `The new ${subject} settings shut this machine out; the server took them back at ${when}.`,
        "Correct server.firewall or server.ssh, or make the connection work, and run the same command again.",
      ),
  ],
];

/** A box publishes its ports on the loopback; only on a server are they open to everybody. */
function taken(address: string): UserError {
  const port = /\d+$/.exec(address)?.[0];
  if (address !== "" && !address.startsWith("127.0.0.1"))
    return new UserError(
      `Port ${port} is taken on the server: something there listens on ${address}.`,
      `ss -ltnup on the server shows what; stop it, and run the same command again.`,
    );
  return new UserError(
    `A port of the box is taken on this machine${port ? `: ${port}` : ""}.`,
    `Free it (docker ps --filter publish=${port ?? "PORT"} shows a container that has it), or choose others under server.box.ports in the stack file.`,
  );
}

const capital = (text: string): string =>
  /^[a-z]+ /.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text;

/** A stack's passphrase is not where it was. */
export function lostPassphrase(file: string): UserError {
  return new UserError(
    `The passphrase that opens the stacks' secrets is missing: ${file}`,
    "Put your copy there, or set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE. Without a copy the secrets are lost: README.md, Keep safe, has the way out.",
  );
}

function locked(first: string, text: string): UserError {
  const holder = lockHolder(text);
  if (!holder)
    return new UserError(
      `Another update is running: locked by ${first}.`,
      "Wait for it; if it was killed: npx pulumi cancel --stack NAME.",
    );
  const { who, dead, cancel } = holder;
  if (dead) return new UserError(`An update that has died left its lock behind: ${who}.`, cancel);
  return new UserError(
    `Another update is running: locked by ${who}.`,
    `Wait for it; if it was killed: ${cancel}`,
  );
}

/** What a known text of the engine or of Docker means; `undefined` for any other. */
export function known(text: string): UserError | undefined {
  for (const [pattern, make] of KNOWN) {
    const match = pattern.exec(text);
    if (match) return make(match);
  }
  return undefined;
}

/** Turns anything that was thrown into an error for a person. */
export function explain(error: unknown): UserError {
  if (error instanceof UserError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const understood = known(text);
  if (understood) return understood;
  if (error instanceof ConcurrentUpdateError) {
    return new UserError(
      "Another update of this stack is running.",
      "Wait for it; if it was killed: npx pulumi cancel --stack NAME.",
    );
  }
  if (error instanceof StackNotFoundError) {
    return new UserError("There is no such stack.", "npm run up -- --stack NAME makes it.");
  }
  return new UserError(firstErrors(text), "Nothing is lost: correct it and run the same command again.", {
    cause: error,
  });
}

/** The engine's own error lines, without the progress and the command line around them. */
function firstErrors(text: string): string {
  // The Automation API quotes an error twice, as the output and as the error of a command.
  const quoted = /Command failed with exit code[^]*?^error: ([^]*?)(?:^ err\?: |$(?![^]))/m.exec(text)?.[1];
  if (quoted !== undefined) return quoted.trim();
  const start = text.indexOf("Diagnostics:");
  const end = text.search(/\n(Outputs|Resources):/);
  const part = start < 0 ? text : text.slice(start + "Diagnostics:".length, end > start ? end : undefined);
  return part.trim();
}
