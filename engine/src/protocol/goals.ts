import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { unsupported } from "../errors.ts";
import type { Alias, Goal } from "../deploy/goal.ts";
import type { Props } from "../providers/contract.ts";
import { decodeProps, encodeProps, wireSecrets, type JsonObject } from "../values/codec.ts";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { struct, type Resource, type Struct } from "./protos.ts";

/** Reads properties off the wire; `dependencies` collects what their output values name. */
export function fromWire(message: Struct.Struct | undefined, dependencies?: Set<string>): Props {
  return decodeProps((message?.toJavaScript() ?? {}) as JsonObject, wireSecrets, dependencies);
}

export function toWire(props: Props): Struct.Struct {
  return struct.Struct.fromJavaScript(encodeProps(props, wireSecrets) as Record<string, JavaScriptValue>);
}

type Register = Resource.RegisterResourceRequest;

/** What a program may ask for and this engine doesn't do, by the name of the option. */
export const refusedOptions: Readonly<Record<string, (request: Register) => boolean>> = {
  import: (r) => r.getImportid() !== "",
  transforms: (r) => r.getTransformsList().length > 0,
  hooks: (r) => hasHooks(r),
  replaceWith: (r) => r.getReplaceWithList().length > 0,
  replacementTrigger: (r) => hasTrigger(r),
  hideDiffs: (r) => r.getHidediffsList().length > 0,
  envVarMappings: (r) => r.getEnvvarmappingsMap().getLength() > 0,
  pluginDownloadURL: (r) => r.getPlugindownloadurl() !== "" && !isBuiltIn(r),
  "parameterized package": (r) => r.getPackageref() !== "",
  stateMigrations: (r) => r.getStateMigrationsList().length > 0,
  "remote component": (r) => r.getRemote(),
};

function refuseOptions(request: Register): void {
  const option = Object.keys(refusedOptions).find((name) => refusedOptions[name]?.(request));
  if (option === undefined) return;
  throw unsupported(`${request.getType()} "${request.getName()}": the resource option "${option}"`);
}

const isBuiltIn = (request: Register): boolean =>
  /^(docker|command|random)$/.test(request.getType().split(":")[0] ?? "");

function hasHooks(request: Register): boolean {
  const binding = request.getHooks();
  return binding !== undefined && Object.values(binding.toObject()).some((names) => names.length > 0);
}

function hasTrigger(request: Register): boolean {
  const trigger = request.getReplacementTrigger();
  return trigger !== undefined && !trigger.hasNullValue();
}

/** Reads a registration. The provider reference is resolved later: it may need a default provider. */
export function goalOf(request: Register, root: string): Goal {
  refuseOptions(request);
  const dependencies = new Set(request.getDependenciesList());
  const propertyDependencies: Record<string, string[]> = {};
  for (const [key, list] of request.getPropertydependenciesMap().entries()) {
    propertyDependencies[key] = [...new Set(list.getUrnsList())];
  }
  const timeouts = request.getCustomtimeouts();
  const position = request.getSourceposition();
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    inputs: fromWire(request.getObject(), dependencies),
    parent: request.getParent(),
    dependencies: [...dependencies],
    propertyDependencies,
    provider: request.getProvider(),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplacedefined()
      ? request.getDeletebeforereplace()
      : undefined,
    deletedWith: request.getDeletedwith(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: aliasesOf(request),
    customTimeouts: {
      create: seconds(timeouts?.getCreate()),
      update: seconds(timeouts?.getUpdate()),
      delete: seconds(timeouts?.getDelete()),
    },
    sourcePosition: position
      ? sourcePositionOf(position.getUri(), position.getLine(), position.getColumn(), root)
      : "",
    stackTrace: (request.getStacktrace()?.getFramesList() ?? []).map((frame) => {
      const pc = frame.getPc();
      const text = pc ? sourcePositionOf(pc.getUri(), pc.getLine(), pc.getColumn(), root) : "";
      return text ? { sourcePosition: text } : {};
    }),
  };
}

function aliasesOf(request: Register): Alias[] {
  const aliases: Alias[] = request.getAliasurnsList().map((urn) => ({ urn }));
  for (const alias of request.getAliasesList()) {
    const spec = alias.getSpec();
    if (!spec) {
      aliases.push({ urn: alias.getUrn() });
      continue;
    }
    const { name, type, stack, project, parenturn, noparent } = spec.toObject();
    aliases.push({ name, type, stack, project, parent: parenturn, noParent: noparent });
  }
  return aliases;
}

/** `10m`, `1h30m`, `90s` in seconds; 0 without a value. */
function seconds(text: string | undefined): number {
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  let total = 0;
  for (const [, value, unit] of (text ?? "").matchAll(/([\d.]+)(ms|h|m|s)/g)) {
    total += Number(value) * (units[unit ?? "s"] ?? 1);
  }
  return total;
}

/** `project:///index.ts#27,13` */
function sourcePositionOf(uri: string, line: number, column: number, root: string): string {
  if (!uri.startsWith("file://")) return "";
  const path = relative(root, fileURLToPath(uri)).replaceAll("\\", "/");
  return `project:///${path}#${line}${column ? `,${column}` : ""}`;
}
