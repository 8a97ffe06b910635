import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse as parseYaml } from "yaml";
import { references } from "../../automation/setup/images.ts";
import { load } from "../../config/load.ts";
import { parse } from "../../config/parse.ts";
import { declareStack } from "../../stack.ts";
import { digest } from "./settings.ts";

/** A resource as the program asks the engine for it. */
export interface DeclaredResource {
  /** Types of its parents and its own, `$` between them, and its name: what a stack's state knows it by. */
  urn: string;
  /** Earlier URNs that the program says it had. */
  aliases: string[];
  type: string;
  inputs: Record<string, unknown>;
}

/** The sample's stacks under `examples/maicivy`: staging on a box, prod on a rented server with the official images. */
export const SAMPLES = ["staging", "prod"] as const;

const SERVER = { address: "203.0.113.7", hostKey: "ssh-ed25519 AAAA", registry: "127.0.0.1:5000" };
const SECRETS = {
  "fairlead:POSTGRES_PASSWORD": "pg",
  "fairlead:REDIS_PASSWORD": "rd",
  "fairlead:SSH_PRIVATE_KEY": "key",
};

/** Everything that a sample's stack declares, under mocks, by URN. Mocks are the whole process's: one stack at a time. */
export async function declared(stack: (typeof SAMPLES)[number]): Promise<DeclaredResource[]> {
  const seen: Omit<DeclaredResource, "inputs">[] = [];
  const inputs: Record<string, unknown>[] = [];
  const urns = new Map<string, string>();
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        inputs.push(args.inputs as Record<string, unknown>);
        const state = {
          ...args.inputs,
          name: args.inputs.name ?? args.name,
          stdout: "{}",
          result: "generated",
          base64: Buffer.alloc(32).toString("base64"),
        };
        return { id: `${args.name}-id`, state };
      },
      call: ({ inputs: args }) => args,
    },
    "fairlead",
    stack,
    false,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, answer) => {
    const [parent, type, name] = [request.getParent(), request.getType(), request.getName()];
    // The mocks know a parent by its own type alone; a state knows the types of all parents.
    const above = parent && urns.get(parent)!.split("::")[2]!;
    const path = above && !above.startsWith("pulumi:pulumi:Stack") ? `${above}$${type}` : type;
    const urn = ["urn:pulumi:" + stack, "fairlead", path, name].join("::");
    seen.push({ urn, type, aliases: request.getAliasesList().map((alias) => alias.getUrn()) });
    return register(request, (error, response) => {
      if (response) urns.set(response.getUrn(), urn);
      answer(error, response);
    });
  };
  pulumi.runtime.setAllConfig(configOf(stack), Object.keys(SECRETS));
  declareStack(load(), async () => undefined);
  await pulumi.runtime.disconnect();
  return seen
    .map((one, index) => ({ ...one, inputs: inputs[index]! }))
    .sort((a, b) => (a.urn < b.urn ? -1 : 1));
}

/** What of a resource must stay: an input of a command is an update in place, and any other may replace. */
export type StateOf = Pick<DeclaredResource, "urn" | "type"> & {
  aliases: string[];
  inputs?: Record<string, unknown>;
};

export function state(resources: DeclaredResource[]): StateOf[] {
  return resources.map(({ inputs, ...rest }) =>
    rest.type.startsWith("command:") ? rest : { ...rest, inputs },
  );
}

interface Monitor {
  registerResource(request: Request, answer: (error: unknown, response?: { getUrn(): string }) => void): void;
}

interface Request {
  getParent(): string;
  getType(): string;
  getName(): string;
  getAliasesList(): { getUrn(): string }[];
}

/** The sample's settings as Pulumi hands them over, with a digest for every image. */
function configOf(stack: string): Record<string, string> {
  const file = join(__dirname, "..", "..", "examples", "maicivy", `Pulumi.${stack}.yaml`);
  const { config } = parseYaml(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  if (stack === "prod") Object.assign(config, { "fairlead:server": SERVER, "fairlead:images": "official" });
  const raw = (): Record<string, string> =>
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    );
  const images = references(parse("fairlead", stack, raw()).config);
  config["fairlead:digests"] = Object.fromEntries(
    images.map((image, index) => [image, digest(index.toString(16))]),
  );
  return { ...raw(), ...SECRETS };
}

/** `node -r ./automation/typescript.cjs test/support/declared.ts > test/components/fixtures/resources.json` */
async function record(): Promise<void> {
  const all: Record<string, StateOf[]> = {};
  for (const stack of SAMPLES) all[stack] = state(await declared(stack));
  console.log(JSON.stringify(all, null, 1));
}
if (require.main === module) void record();
