import { basename } from "node:path";
import { readProject } from "../import/compose/read.ts";
import { isKamal, readKamal } from "../import/kamal/read.ts";
import { readPresent } from "../import/add.ts";
import { convert } from "../import/convert.ts";
import { report } from "../import/report.ts";
import {
  addToStack,
  refuseExisting,
  setSecrets,
  stackText,
  writeStack,
  type Comments,
} from "../import/write.ts";
import { UserError } from "../lib/errors.ts";
import { typed } from "../lib/typed.ts";
import { ROOT } from "../lib/workspace.ts";
import type { Answer, Common } from "../lib/verb.ts";

export interface ImportOptions extends Common {
  stack: string;
  domain?: string;
  address?: string;
  hostKey?: string;
  email?: string;
  profile?: string[];
  add?: boolean;
}

const COMMENTS: Comments = [
  [
    /^database\.name$/,
    "The stack's own, for applications that share one; database of an application names its own.",
  ],
  [/^apps\.[^.]+\.exclusive$/, "The old release stops first: its data is in files that two may not share."],
  [/^apps\.[^.]+\.secretsAs$/, "file is safer, where the application reads NAME_FILE."],
  [/^apps\.[^.]+\.readOnly$/, "true is safer, where it writes to its volumes and /tmp only."],
  [/^apps\.[^.]+\.health$/, "A new release gets traffic once this path answers 2xx, or what status says."],
  [
    /^apps\.[^.]+\.routes$/,
    "What the old stack let through; csp: false leaves the policy to the application.",
  ],
];

/** Makes a stack file from a Compose file or Kamal's, sets the secrets that it held, and says what became of every key. */
export async function importStack(files: readonly string[], options: ImportOptions): Promise<Answer> {
  const { stack, domain, address, hostKey, email, profile: profiles, add } = options;
  const present = add ? readPresent(stack, ROOT) : undefined;
  if (present) refuseSaid(options);
  else refuseExisting(stack);
  const names = files.map((file) => basename(file)).join(", ");
  const paths = files.map(typed);
  const read = isKamal(paths[0]!) ? readKamal : readProject;
  const conversion = convert(read(paths), {
    stack,
    root: ROOT,
    domain,
    address,
    hostKey,
    email,
    profiles,
    present,
  });
  const head = [`Made from ${names} by npm run import. Every setting is in docs/configuration.md.`];
  if (conversion.edits) await addToStack(stack, conversion.edits, conversion.files);
  else writeStack(stack, stackText(conversion.settings, head, COMMENTS), conversion.files);
  await setSecrets(stack, conversion.secrets.known());
  const { notes, secrets, moves, lacking } = conversion;
  return {
    result: {
      stack,
      notes,
      files: conversion.files.map(({ place }) => place),
      secrets: { set: Object.keys(secrets.known()), missing: secrets.missing() },
      moves,
      lacking,
    },
    text: () => report(stack, names, conversion),
  };
}

/** What a stack that is there says itself. */
function refuseSaid({ stack, domain, address, hostKey, email }: ImportOptions): void {
  const said = Object.entries({ domain, address, "host-key": hostKey, email }).find(([, value]) => value);
  if (said)
    throw new UserError(
      `--${said[0]} is for a new stack; with --add Pulumi.${stack}.yaml says it.`,
      "Leave it out, or change it there.",
    );
}
