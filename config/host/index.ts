import { z } from "zod";
import * as guard from "./guard.ts";
import * as services from "./services.ts";
import { files } from "./shapes.ts";

const nothing = z.strictObject({});

/**
 * Nouns on the server that a stack declares, each a module of `assets/host/fairlead` with these verbs, and what they take.
 * The single source: `hostCommand` takes its types from here, and `npm run generate` makes contract.json of it, which the
 * server checks at its door.
 */
export const NOUNS = {
  account: { verbs: ["apply", "remove", "look"], input: guard.account },
  "cache-password": { verbs: ["apply", "remove", "look"], input: services.cachePassword },
  "cache-user": { verbs: ["apply", "remove", "look"], input: services.cacheUser },
  certificate: { verbs: ["apply", "look", "install", "renew"], input: services.certificate },
  "certificate-order": { verbs: ["apply", "look"], input: services.certificate },
  container: { verbs: ["apply", "look"], input: services.container },
  database: { verbs: ["apply", "look"], input: services.database },
  "database-login": { verbs: ["apply", "remove", "look"], input: services.databaseLogin },
  edge: { verbs: ["apply", "look"], input: services.edge },
  "edge-users": { verbs: ["apply", "remove", "look"], input: services.edgeUsers },
  files: { verbs: ["apply", "remove", "look"], input: files },
  firewall: { verbs: ["apply", "confirm", "remove", "look"], input: guard.firewall },
  handover: { verbs: ["apply", "look"], input: services.handover },
  hardening: { verbs: ["apply", "remove", "look"], input: guard.hardening },
  jobs: { verbs: ["apply", "remove", "look"], input: services.jobs },
  images: { verbs: ["apply", "remove"], input: services.images },
  /** Asks whose server it is before anything is removed. */
  owner: { verbs: ["apply", "remove", "claim", "leave"], input: nothing },
  release: { verbs: ["apply", "look"], input: services.release },
  "release-command": { verbs: ["apply", "remove"], input: services.releaseCommand },
  sshd: { verbs: ["apply", "confirm", "remove", "look"], input: guard.sshd },
  swap: { verbs: ["apply", "remove", "look"], input: guard.swap },
  switch: { verbs: ["apply", "remove", "look"], input: services.switchFiles },
  "switch-container": { verbs: ["apply", "look"], input: services.switchContainer },
  "switch-process": { verbs: ["apply", "look"], input: services.switchProcess },
  traffic: { verbs: ["apply", "remove", "look"], input: services.traffic },
  /** The system's packages, once. */
  updates: { verbs: ["apply"], input: nothing },
  volume: { verbs: ["apply", "remove", "look"], input: services.volume },
  workers: { verbs: ["apply", "look"], input: services.workers },
} as const;

/** What nobody declares: the server calls it by itself, or the automation does. */
const OTHERS = {
  /** What HAProxy knows of each release. */
  figures: { verbs: ["look"], input: z.strictObject({ socket: z.string() }) },
  /** One job of an application; its timer executes it. */
  job: {
    verbs: ["execute", "start", "look"],
    input: z.strictObject({ app: z.string(), job: z.string() }),
  },
  /** The lines of an application's containers, as they come. */
  logs: {
    verbs: ["show"],
    input: z.strictObject({
      app: z.string(),
      process: z.string().optional(),
      /** Seconds ago. */
      since: z.number().positive().optional(),
      /** A regular expression of Python. */
      grep: z.string().optional(),
      lines: z.int().min(1).optional(),
      follow: z.boolean(),
    }),
  },
  /** Restarts what fails its live check: a service. */
  live: { verbs: ["keep"], input: nothing },
  lock: { verbs: ["hold"], input: guard.hold },
  /** A command that a person runs in a container like the release's. */
  "one-off": {
    verbs: ["create", "end"],
    input: z.strictObject({
      app: z.string(),
      release: z.string(),
      process: z.string().optional(),
      command: z.array(z.string()),
      terminal: z.boolean(),
      stdin: z.boolean(),
    }),
  },
  /** The caller's image registry on a port of the server's loopback, while the call lasts. */
  registry: { verbs: ["offer"], input: z.strictObject({ port: z.int().min(1).max(65535) }) },
  rollback: { verbs: ["apply"], input: nothing },
  server: {
    verbs: ["look"],
    input: z.strictObject({
      items: z.array(
        z.strictObject({ id: z.string(), verb: z.string(), input: z.unknown(), secret: z.boolean() }),
      ),
    }),
  },
  /** A way to a port that only the server reaches. */
  tunnel: { verbs: ["carry"], input: z.strictObject({ host: z.string(), port: z.int().min(1).max(65535) }) },
};

/** What the automation's own calls take. */
export type CallInputs = { [N in keyof typeof OTHERS]: z.input<(typeof OTHERS)[N]["input"]> };

/** Verbs that take something else than their noun. */
const VERBS = {
  "job look": { input: nothing },
  "one-off end": { input: z.strictObject({ name: z.string() }) },
  "certificate renew": {
    input: z.strictObject({ force: z.boolean().optional(), rehearse: z.boolean().optional() }),
  },
  // A person at the console, who wants the distribution's own settings again, knows no more.
  "sshd remove": { input: guard.sshd.partial().required({ file: true }) },
  "owner claim": { input: guard.claim },
  "owner leave": { input: guard.claim.omit({ when: true }).partial() },
};

/** contract.json: {noun: {verbs, input}, "noun verb": {input}}, inputs as JSON Schema; a line for each. */
export function contract(): string {
  const lines = Object.entries({ ...NOUNS, ...OTHERS, ...VERBS })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { input, ...rest }]) => {
      const { $schema: _draft, ...schema } = z.toJSONSchema(input, { io: "input" });
      return `"${name}": ${JSON.stringify({ ...rest, input: schema })}`;
    });
  return `{\n${lines.join(",\n")}\n}\n`;
}

export type Noun = keyof typeof NOUNS;

/** A call as it is typed on the server: `certificate renew`. */
export type HostCall = { [N in Noun]: `${N} ${(typeof NOUNS)[N]["verbs"][number]}` }[Noun];

/** What each noun takes. */
export type HostInputs = { [N in Noun]: z.input<(typeof NOUNS)[N]["input"]> };

export type HostFile = HostInputs["files"]["files"] extends (infer F)[] | undefined ? F : never;
export type HostDirectory = HostInputs["files"]["directories"] extends (infer D)[] | undefined ? D : never;
export type HostUnit = HostInputs["files"]["units"] extends (infer U)[] | undefined ? U : never;
