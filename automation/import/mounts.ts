import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { asFlag, asMap, asText, type JsonMap } from "./compose/json.ts";
import type { Mount, Service } from "./compose/service.ts";
import { bytes, size } from "./compose/units.ts";
import { label } from "./names.ts";
import type { Notes } from "./notes.ts";
import { compact } from "./process.ts";

/** What an application keeps and gets as files. */
export interface Mounts {
  volumes: JsonMap;
  files: FileMount[];
  tmpfs: JsonMap;
  /** Where the old stack has what the volumes hold: a folder in a service's container. */
  origins: { volume: string; service: string; path: string }[];
}

/** A file that has to be in the project's folder. */
export interface FileMount {
  path: string;
  /** Absolute path here; or the text itself. */
  source?: string;
  content?: string;
}

const SOCKETS = /docker\.sock$|containerd\.sock$|podman\.sock$/;
const SYSTEM = /^\/(etc\/(localtime|timezone)|proc|sys|dev|run\/systemd|lib\/modules)/;
const SOURCES = /\.(py|js|jsx|ts|tsx|mjs|rb|go|php|java|rs|ex|vue|svelte)$/;

/** @param declared names of volumes that another application has taken already, by Compose's name */
export function mountsOf(
  services: readonly Service[],
  taken: Map<string, string>,
  app: string,
  notes: Notes,
): Mounts {
  const result: Mounts = { volumes: {}, files: [], tmpfs: {}, origins: [] };
  for (const service of services)
    for (const mount of service.mounts) add(result, service, mount, { taken, app, notes });
  for (const one of Object.values(result.volumes).map(asMap)) if (one.readOnly === false) delete one.readOnly;
  return result;
}

interface Context {
  taken: Map<string, string>;
  app: string;
  notes: Notes;
}

function add(result: Mounts, service: Service, mount: Mount, context: Context): void {
  const { source = "", target, type } = mount;
  const say = (outcome: "different" | "not", text: string): void =>
    context.notes.add(service.name, `volumes: ${source || target}`, outcome, text);
  if (type === "tmpfs") result.tmpfs[target] = tmpfs(mount);
  else if (type === "volume") volume(result, service, mount, context);
  else if (type === "folder") fromFolder(result, service, mount, context);
  else if (type !== "bind") say("not", `A mount of type ${type} is none of the stack's.`);
  else if (SOCKETS.test(source)) say("not", "With the engine's socket a container is root on the server.");
  else if (/^\/etc\/(localtime|timezone)/.test(source))
    say("different", "Set the variable TZ, or server.timezone for the server.");
  else if (SYSTEM.test(source)) say("not", "Containers see nothing of the host.");
  else if (isFile(source)) file(result, service, mount, context);
  else if (isDevelopment(service, source))
    say("different", "These are sources of a developer's machine; the image has them.");
  else fromFolder(result, service, mount, context);
}

/** A folder of the old host. */
function fromFolder(result: Mounts, service: Service, mount: Mount, context: Context): void {
  const { source = "", target } = mount;
  volume(result, service, { ...mount, source: basename(source) || basename(target) }, context, source);
  context.notes.add(
    service.name,
    `volumes: ${source || target}`,
    "different",
    "A volume takes the place of the folder; the report says how to bring its content over.",
  );
}

function tmpfs({ options }: Mount): string | JsonMap {
  const pairs = asMap(options.tmpfs);
  const count = bytes(asText(pairs.size));
  const limit = size(count ?? 64 * 1024 ** 2);
  // Octal, as mount(8) takes it; 1777 is what a folder in memory has here, too.
  const mode = /^[0-7]{3}$/.test(asText(pairs.mode) ?? "") ? `0${asText(pairs.mode)}` : undefined;
  const own = compact({ exec: "exec" in pairs || undefined, mode });
  return Object.keys(own).length === 0 ? limit : { size: limit, ...own };
}

function volume(result: Mounts, service: Service, mount: Mount, context: Context, folder?: string): void {
  const { source, target } = mount;
  const say = (outcome: "different" | "not", text: string): void =>
    context.notes.add(service.name, `volumes: ${source ?? target}`, outcome, text);
  if (source === undefined && /node_modules|\/vendor$|\.venv/.test(target))
    return say("different", "The image has its own packages.");
  const name = label(source ?? target);
  const key = folder ?? source ?? `${service.name}:${target}`;
  const taker = context.taken.get(key);
  if (taker !== undefined && taker !== context.app)
    return say(
      "not",
      `${taker} has this volume, and only processes of one application share one. Make both one application, or exchange the files over HTTP or an object store.`,
    );
  context.taken.set(key, context.app);
  const before = asMap(result.volumes[name]);
  if (before.path !== undefined && before.path !== target)
    return say("not", `It is at ${asText(before.path)} already: one volume has one place in all processes.`);
  const user = asText(service.raw.user);
  // A volume begins with what the image has there, with its owner; a folder of the host hid that.
  const owner = folder !== undefined && /^\d+:\d+$/.test(user ?? "") ? user : undefined;
  const onlyRead = mount.readOnly && before.readOnly !== false;
  result.volumes[name] = compact({ path: target, owner, readOnly: onlyRead });
  const options = asMap(mount.options.volume);
  if (asFlag(options.nocopy) || options.subpath !== undefined)
    say(
      "different",
      "Options of the mount are left out: the volume is seen as a whole, and begins with what the image has there.",
    );
  if (!result.origins.some((one) => one.volume === name))
    result.origins.push({ volume: name, service: service.name, path: target });
}

function file(
  result: Mounts,
  service: Service,
  { source = "", target, readOnly }: Mount,
  { notes }: Context,
): void {
  const say = (outcome: "different" | "not", text: string): void =>
    notes.add(service.name, `volumes: ${source}`, outcome, text);
  if (!existsSync(source))
    return say(
      "not",
      `The file isn't here. Put it into the project, and name it under files with path ${target}.`,
    );
  if (!readOnly)
    say(
      "different",
      "The container can't change the file; what an application writes belongs into a volume.",
    );
  if (!result.files.some(({ path }) => path === target)) result.files.push({ path: target, source });
}

/** A file, or what would be one if it were there. */
function isFile(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? found.isFile() : /\.[A-Za-z0-9]{1,8}$/.test(basename(path));
}

function isDevelopment({ build }: Service, source: string): boolean {
  const context = asText(build?.context);
  if (context === undefined) return false;
  if (resolve(source) === context || context.startsWith(`${resolve(source)}/`)) return true;
  if (!resolve(source).startsWith(`${context}/`) || !existsSync(source)) return false;
  return readdirSync(source).some((name) => SOURCES.test(name));
}
