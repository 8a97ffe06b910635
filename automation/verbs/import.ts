import { basename } from "node:path";
import { readProject } from "../import/compose/read.ts";
import { isKamal, readKamal } from "../import/kamal/read.ts";
import { convert } from "../import/convert.ts";
import { report } from "../import/report.ts";
import { refuseExisting, setSecrets, stackText, writeStack, type Comments } from "../import/write.ts";
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
}

const COMMENTS: Comments = [
  [/^apps\.[^.]+\.exclusive$/, "The old release stops first: its data is in files that two may not share."],
  [/^apps\.[^.]+\.secretsAs$/, "file is safer, where the application reads NAME_FILE."],
  [/^apps\.[^.]+\.readOnly$/, "true is safer, where it writes to its volumes and /tmp only."],
  [/^apps\.[^.]+\.health$/, "A new release gets traffic once this path answers 2xx."],
  [
    /^apps\.[^.]+\.routes$/,
    "What the old stack let through; csp: false leaves the policy to the application.",
  ],
];

/** Makes a stack file from a Compose file or Kamal's, sets the secrets that it held, and says what became of every key. */
export async function importStack(files: readonly string[], options: ImportOptions): Promise<Answer> {
  const { stack, domain, address, hostKey, email, profile: profiles } = options;
  refuseExisting(stack);
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
  });
  const head = [`Made from ${names} by npm run import. Every setting is in docs/configuration.md.`];
  writeStack(stack, stackText(conversion.settings, head, COMMENTS), conversion.files);
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
