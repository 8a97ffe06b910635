import { basename, relative } from "node:path";
import { firstSettings, FIRST_COMMENTS, type Answers } from "../import/first.ts";
import { label } from "../import/names.ts";
import { refuseExisting, stackText, writeStack } from "../import/write.ts";
import { UserError } from "../lib/errors.ts";
import { askText } from "../lib/question.ts";
import { typed } from "../lib/typed.ts";
import type { Answer, Common } from "../lib/verb.ts";
import { ROOT } from "../lib/workspace.ts";

export interface InitOptions extends Common {
  stack: string;
  domain?: string;
  address?: string;
  hostKey?: string;
  email?: string;
  app?: string;
  image?: string;
  build?: string;
  port?: string;
  database: boolean;
  cache: boolean;
}

/** Writes a first stack file from options, and from answers of a person for what they don't say. */
export async function init(options: InitOptions): Promise<Answer> {
  const { stack, yes } = options;
  refuseExisting(stack);
  const asks = !yes && process.stdin.isTTY === true;
  if (!asks && options.image === undefined && options.build === undefined)
    throw new UserError(
      "Nothing says what to run.",
      "Say --image REFERENCE, or --build FOLDER for one with a Dockerfile; at a terminal, npm run init asks.",
    );
  const answers = await collect(options, asks);
  const head = [`The stack ${stack}, made by npm run init. Every setting is in docs/configuration.md.`];
  writeStack(stack, stackText(firstSettings(answers), head, FIRST_COMMENTS), []);
  const next = `npm run up -- --stack ${stack}`;
  return {
    result: { stack, file: `Pulumi.${stack}.yaml`, next },
    text: () => `Pulumi.${stack}.yaml is written.\nNext: ${next}`,
  };
}

async function collect(options: InitOptions, asks: boolean): Promise<Answers> {
  const ask = async (given: string | undefined, question: string, preset = ""): Promise<string> =>
    given ?? (asks ? askText(question, preset) : preset);
  const flag = async (given: boolean, question: string): Promise<boolean> =>
    given || (asks && /^y(es)?$/i.test(await askText(`${question} [y/N]`)));
  const source = options.image ?? options.build;
  const what = await ask(source, "Image, or a folder with a Dockerfile:");
  const isFolder = options.image === undefined && (options.build !== undefined || /^[./~]/.test(what));
  const app = await ask(options.app, "Name of the application:", label(nameOf(what)));
  const port = await ask(options.port, "Port on which it answers HTTP:", "8080");
  const domain = await ask(options.domain, "Domain:", `${options.stack}.localhost`);
  const address = await ask(options.address, "Address of the server (empty: a box on this machine):");
  const hostKey =
    address === "" ? "" : await ask(options.hostKey, `Its host key (ssh-keyscan -t ed25519 ${address}):`);
  const email =
    address === "" ? "" : await ask(options.email, "E-mail address for Let's Encrypt (empty: not yet):");
  const [database, cache] = [await flag(options.database, "Postgres?"), await flag(options.cache, "Redis?")];
  return {
    name: label(app),
    domain,
    address: address || undefined,
    hostKey: hostKey || undefined,
    email: email || undefined,
    app,
    image: isFolder ? undefined : what,
    build: isFolder ? fromRoot(what) : undefined,
    port: Number(port),
    database,
    cache,
  };
}

const nameOf = (source: string): string =>
  basename(source.split("@")[0]!.replace(/\/$/, "")).split(":")[0]! || "app";

/** A folder as a stack file names it: from the project's own. */
function fromRoot(folder: string): string {
  const path = relative(ROOT, typed(folder)) || ".";
  return path.startsWith(".") ? path : `./${path}`;
}
