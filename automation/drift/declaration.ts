import { z } from "zod";
import { UserError } from "../lib/errors.ts";
import type { ContainerInputs } from "./container-info.ts";
import { reveal, type Resource } from "./state.ts";

/** A call of the host tools that the last update made: what it declared is its input. */
export interface Call {
  urn: string;
  /** The words after the tool: `files apply`. */
  verb: string;
  input: unknown;
  /** A secret is in the input: the report names what differs, and no value. */
  secret: boolean;
}

/** A container, network or volume that the last update made. */
export interface DockerThing {
  urn: string;
  id: string;
  inputs: ContainerInputs;
  /** Environment variables whose values are secret. */
  secretEnvs: boolean;
}

/** What the stack's state declares about its server. */
export interface Declaration {
  calls: Call[];
  containers: DockerThing[];
  networks: DockerThing[];
  volumes: DockerThing[];
  images: DockerThing[];
  /** Hosts on the private network that a subdomain leads to: containers of somebody else's, which belong there. */
  upstreams: string[];
  /** The box on this machine, where the server is one. */
  box?: DockerThing;
  /** Arguments of the `ssh` client up to the remote command. */
  ssh: string[];
  /** How the host tools are called on the server. */
  tool: string;
}

/** The tools, perhaps by sudo, and a noun with its verb; a version before the nouns had one word. */
const CALL = /^(?:(\S.*)\s)?(\S*\/fairlead) ([a-z-]+(?: [a-z-]+)?)$/;

/**
 * Reads the declaration from a decrypted state, so that nothing is declared twice.
 * @throws UserError when the stack has never been deployed
 */
export function readDeclaration(resources: Resource[]): Declaration {
  const live = resources.filter((resource) => !resource.delete);
  const provider = live.find(({ type, inputs }) => type === "pulumi:providers:docker" && inputs?.host);
  const calls = live.flatMap(callOf);
  const tool = live.flatMap((resource) => toolOf(resource) ?? [])[0];
  if (!provider || !tool)
    throw new UserError("The stack has not been deployed yet.", "npm run up deploys it.");
  const things = (kind: string): (DockerThing & { mine: boolean })[] =>
    live
      .filter(({ type }) => type === `docker:index/${kind[0]!.toLowerCase()}${kind.slice(1)}:${kind}`)
      .map((resource) => ({
        ...thing(resource),
        mine: resource.provider?.startsWith(`${provider.urn}::`) ?? false,
      }));
  const containers = things("Container");
  return {
    calls,
    containers: containers.filter(({ mine }) => mine),
    networks: things("Network").filter(({ mine }) => mine),
    volumes: things("Volume").filter(({ mine }) => mine),
    images: things("RemoteImage").filter(({ mine }) => mine),
    upstreams: upstreamsOf(live),
    box: containers.find(({ mine }) => !mine),
    ssh: sshOf(reveal(provider.inputs).value as { host: string; sshOpts: string }),
    tool,
  };
}

/** From the stack's outputs; a version that had none of these knew no way to its upstreams either. */
function upstreamsOf(resources: Resource[]): string[] {
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const found = z.array(z.string()).safeParse(reveal(stack?.outputs?.upstreams).value);
  return found.success ? found.data : [];
}

function thing({ urn, id = "", inputs = {} }: Resource): DockerThing {
  const revealed = reveal(inputs).value as ContainerInputs;
  return { urn, id, inputs: revealed, secretEnvs: reveal(inputs.envs).secret };
}

function toolOf({ type, inputs }: Resource): string | undefined {
  const [, prefix, path] = (isRemote(type) && CALL.exec(String(inputs?.create))) || [];
  return path && (prefix ? `${prefix} ${path}` : path);
}

function callOf({ type, urn, inputs = {} }: Resource): Call[] {
  if (!isRemote(type)) return [];
  const { value, secret } = reveal(inputs.stdin);
  const input = json(value);
  const verb = CALL.exec(String(inputs.create))?.[3];
  if (verb) return [{ urn, verb, input, secret }];
  // The one command that isn't a call of the tools brings the tools themselves.
  return isTools(input) ? [{ urn, verb: "tools", input, secret }] : [];
}

const isRemote = (type: string): boolean => type === "command:remote:Command";
const isTools = (input: unknown): boolean =>
  typeof input === "object" && input !== null && "__main__.py" in input;

function json(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

/** The docker provider's own way to the server: pinned key, one shared connection, never a question. */
function sshOf({ host, sshOpts }: { host: string; sshOpts?: string }): string[] {
  const { username, hostname, port } = new URL(host);
  return [...(JSON.parse(sshOpts ?? "[]") as string[]), "-p", port || "22", `${username}@${hostname}`];
}
