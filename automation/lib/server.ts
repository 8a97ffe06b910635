import type { z } from "zod";
import type { CallInputs } from "../../config/host/index.ts";
import { readAnswer } from "./answer.ts";
import { failure, SSH_FAILED, unexpected } from "./call-failed.ts";
import { during } from "./heartbeat.ts";
import type { StackOutputs } from "./outputs.ts";
import { CONNECT, sshArguments, toolFor, type Connection } from "./connection.ts";
import { runClient, runInForeground, runLines, SECONDS, type Ended } from "./run-client.ts";
import { openTunnel, type Tunnel } from "./tunnel.ts";
import { ROOT } from "./workspace.ts";

export { CallFailed, type Reason } from "./call-failed.ts";

/** How the `ssh` client reaches a server, and the host tools on it. */
export interface Reach {
  /** The client itself, when it isn't `ssh`. */
  client?: string;
  /** Arguments of the client up to the remote command: options, `-p PORT`, `USER@HOST`. */
  ssh: string[];
  /** The command of the host tools, with sudo where the user isn't root. */
  tool: string;
}

/** The only SSH client of the automation: the host tools, the Docker engine and files of a stack's server. */
export class Server {
  constructor(private readonly reach: Reach) {}

  static of(outputs: Pick<StackOutputs, "connection">): Server {
    return new Server(reachOf(outputs.connection));
  }

  /** By a command that logs in, such as `ssh -p 2222 root@203.0.113.7`: a server of no stack. */
  static by(command: string): Server {
    const [client = "ssh", ...args] = command.split(" ").filter(Boolean);
    const options = ["-o", "BatchMode=yes", "-o", `ConnectTimeout=${CONNECT}`];
    return new Server({ client, ssh: [...options, ...args], tool: toolFor(userIn(args)) });
  }

  /** Who logs in. */
  get user(): string {
    return userIn(this.reach.ssh);
  }

  /** What a person types to see for themselves. */
  get command(): string {
    return [this.reach.client ?? "ssh", ...this.reach.ssh].join(" ");
  }

  /** What `assets/local/hold-server.mjs` needs to keep a call of the host tools open while this process lives. */
  session(call: string, hello: object): object {
    return { ssh: this.reach.ssh, command: `${this.reach.tool} ${call}`, hello, parent: process.pid };
  }

  /**
   * Calls the host tools.
   * @param call such as `renew`
   * @param input travels as JSON on standard input, because there may be a secret in it
   * @param answer what the answer must look like; it is never shown, for the same reason
   * @throws CallFailed when there is no such answer
   */
  async call<Schema extends z.ZodType>(
    call: string,
    input: unknown,
    answer: Schema,
    { seconds = SECONDS }: { seconds?: number } = {},
  ): Promise<z.output<Schema>> {
    return this.program(call, [...this.reach.tool.split(" "), ...call.split(" ")], input, answer, {
      seconds,
    });
  }

  /**
   * Runs any program that reads JSON and answers with JSON, as the host tools do.
   * @param call what errors call it
   * @throws CallFailed when there is no such answer
   */
  async program<Schema extends z.ZodType>(
    call: string,
    argv: readonly string[],
    input: unknown,
    answer: Schema,
    { seconds = SECONDS }: { seconds?: number } = {},
  ): Promise<z.output<Schema>> {
    const words = argv.map(quoted).join(" ");
    const ended = await this.ssh(words, { input: JSON.stringify(input), seconds });
    if (ended.exitCode !== 0) throw failure(call, ended, { seconds, command: this.command });
    const checked = answer.safeParse(readAnswer(ended.stdout));
    if (checked.success) return checked.data;
    throw unexpected(call, checked.error);
  }

  /**
   * Runs `docker` on the server.
   * @returns its standard output alone: on standard error there may be the banner of the login
   * @throws CallFailed with Docker's words
   */
  docker(args: readonly string[]): Promise<string> {
    return this.run(["docker", ...args].map(quoted).join(" "), `docker ${args[0]}`);
  }

  /**
   * What a container logged last, both streams as they came.
   * @throws CallFailed with Docker's words
   */
  logs(container: string, lines: number): Promise<string> {
    return this.run(`docker logs --tail ${lines} ${quoted(container)} 2>&1`, "docker logs");
  }

  /**
   * What `uname -m` says of the processor.
   * @throws CallFailed with the client's words
   */
  machine(): Promise<string> {
    return this.run("uname -m", "uname");
  }

  /**
   * A program on the server with this process's own input and output; with a terminal, it has one there too.
   * @returns its exit code
   * @throws CallFailed when the server can't be reached
   */
  async terminal(argv: readonly string[], terminal: boolean, signal: AbortSignal): Promise<number> {
    const { client = "ssh", ssh } = this.reach;
    // Without a word of the client's own when the connection ends.
    const options = ["-o", "LogLevel=ERROR", ...(terminal ? ["-t"] : [])];
    const exitCode = await runInForeground(client, [...options, ...ssh, argv.map(quoted).join(" ")], signal);
    if (exitCode !== SSH_FAILED) return exitCode;
    const lost = { exitCode, stderr: "the connection was lost", timedOut: false };
    throw failure(argv[0] ?? "", lost, { seconds: SECONDS, command: this.command });
  }

  /**
   * A call of the host tools that answers with a line at a time, perhaps for as long as it is listened to.
   * @throws CallFailed when it ends in an error
   */
  async stream(
    call: string,
    input: unknown,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { client = "ssh", ssh, tool } = this.reach;
    const ended = await runLines(client, [...ssh, `${tool} ${call}`], JSON.stringify(input), onLine, signal);
    if (ended.exitCode !== 0) throw failure(call, ended, { seconds: SECONDS, command: this.command });
  }

  private async run(words: string, what: string): Promise<string> {
    const ended = await this.ssh(words, {});
    if (ended.exitCode === 0) return ended.stdout;
    throw failure(what, ended, { seconds: SECONDS, command: this.command });
  }

  /**
   * Copies a file of this machine to the server, with the rights of the SSH user.
   * @throws CallFailed with scp's words
   */
  async copy(from: string, to: string, { seconds = SECONDS }: { seconds?: number } = {}): Promise<void> {
    const [destination = "", port = ""] = this.reach.ssh.toReversed().filter((word) => word !== "-p");
    const options = this.reach.ssh.slice(0, -3);
    const ended = await runClient("scp", [...options, "-P", port, from, `${destination}:${to}`], { seconds });
    if (ended.exitCode !== 0)
      throw failure(
        `copying to ${to}`,
        { ...ended, exitCode: ended.exitCode ?? SSH_FAILED },
        { seconds, command: this.command },
      );
  }

  /**
   * Opens a tunnel to a port that only the server reaches: its host is a name, an address, or one of its containers. It
   * goes through the host tools, because a hardened sshd forwards nothing.
   * @param failed gets the reason when the other end can't be reached; the connection is closed then
   */
  tunnel(target: CallInputs["tunnel"], failed: (words: string) => void): Promise<Tunnel> {
    const { client = "ssh", ssh, tool } = this.reach;
    const args = [...ssh, `${tool} tunnel carry`];
    return openTunnel({ file: client, args, cwd: ROOT, target: JSON.stringify(target) }, failed);
  }

  /** @param words for the remote shell */
  private ssh(words: string, options: { input?: string; seconds?: number }): Promise<Ended> {
    const { client = "ssh", ssh } = this.reach;
    return during(
      () => "asking the server",
      () => runClient(client, [...ssh, words], options),
    );
  }
}

export function reachOf(connection: Connection): Reach {
  return { ssh: sshArguments(connection), tool: connection.tool };
}

/** `USER@HOST` is what a client's arguments end with. */
const userIn = (args: readonly string[]): string => (args.at(-1) ?? "").split("@")[0]!;

/** One word for the remote shell (POSIX 2.2.2). */
const quoted = (word: string): string =>
  /^[\w./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
