import { isAbsolute, resolve } from "node:path";
import { Archive, Asset, UNKNOWN } from "../contract.ts";
import type { CheckFailure, Ctx, Props } from "../contract.ts";
import { uniqueHex } from "../names.ts";
import { checkConnection, dial, sealConnection } from "./connection.ts";
import { commandResource } from "./resource.ts";
import { RemoteCopy } from "./sftp.ts";

const TYPE = "command:remote:CopyToRemote";

/** The official provider takes a FileAsset, a StringAsset or a FileArchive, and nothing else. */
function verifySource(inputs: Props): CheckFailure[] {
  const source = inputs["source"];
  if (source instanceof Asset && source.source.path === undefined && source.source.text === undefined)
    return [{ property: "asset", reason: "asset must be a path-based file asset or a text asset" }];
  if (source instanceof Archive && source.source.path === undefined)
    return [{ property: "archive", reason: "archive must be a path to a file or directory" }];
  return [];
}

async function copy(ctx: Ctx, urn: string, inputs: Props): Promise<void> {
  const { source, remotePath, connection } = inputs;
  const client = await dial(ctx, urn, connection as Props);
  try {
    const remote = await RemoteCopy.open(client);
    if (source instanceof Asset && source.source.text !== undefined)
      return await remote.text(source.source.text, String(remotePath));
    const path = source instanceof Asset || source instanceof Archive ? (source.source.path ?? "") : "";
    // `resolve` drops the trailing slash that means "only the contents".
    const absolute = isAbsolute(path) ? path : resolve(ctx.root, path) + (path.endsWith("/") ? "/" : "");
    await remote.path(absolute, String(remotePath));
  } finally {
    client.end();
  }
}

const hashOf = (props: Props): string | undefined => {
  const source = props["source"];
  return source instanceof Asset || source instanceof Archive ? source.hash : undefined;
};

/** `command.remote.CopyToRemote`. Nothing is removed from the server when it is deleted, as officially. */
export const copyToRemote = commandResource(
  TYPE,
  { connection: "object!", remotePath: "string!", source: "asset!", triggers: "list" },
  {
    async create(ctx, urn, inputs, preview) {
      if (preview) return { id: "", outputs: { ...inputs, id: UNKNOWN } };
      await copy(ctx, urn, inputs);
      return { id: uniqueHex(""), outputs: inputs };
    },
    async update(ctx, _id, urn, _oldInputs, oldOutputs, news, preview) {
      const moved = hashOf(news) !== hashOf(oldOutputs) || news["remotePath"] !== oldOutputs["remotePath"];
      if (!preview && moved) await copy(ctx, urn, news);
      return { outputs: news };
    },
    delete: () => Promise.resolve(),
    seal: sealConnection,
    verify: (_ctx, inputs) => [...checkConnection(TYPE, inputs["connection"]), ...verifySource(inputs)],
  },
);
