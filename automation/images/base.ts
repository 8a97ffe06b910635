import { existsSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { execa } from "execa";
import { UserError } from "../lib/errors.ts";
import { sourceLines } from "./apt-sources.ts";
import { drain } from "./engine.ts";
import { labelsOf } from "./labels.ts";
import type { PackageAccess } from "./machine.ts";
import { localName, repositoryAndTag, type Suite } from "./names.ts";

/** What a base is made from, besides the machine's mirrors. */
export interface BaseRequest {
  docker: Docker;
  suite: Suite;
  /** Folder with `customize.sh` and what it installs. */
  folder: string;
  hash: string;
  access: PackageAccess;
  onProgress: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Makes a minimal Debian from packages and gives it to the engine, named by its hash.
 *
 * @throws Error with mmdebstrap's last words when a package or a mirror is missing
 */
export async function buildBase({ docker, suite, folder, hash, ...rest }: BaseRequest): Promise<void> {
  const { access, onProgress, signal } = rest;
  onProgress(`${suite}: a minimal Debian from ${access.mirrors.archive}`);
  if (!access.mirrors.security) {
    onProgress(`${suite}: without security updates, because this machine's package sources name none`);
  }
  const child = execa("mmdebstrap", mmdebstrapArguments(suite, folder, access), {
    stdin: "ignore",
    stdout: "pipe",
    buffer: { stdout: false },
    cancelSignal: signal,
    reject: false,
    timeout: 45 * 60_000,
    env: access.proxies,
  });
  const stream = await docker.importImage(child.stdout, { changes: changes(labelsOf(suite, hash)) });
  const [imported, result] = await Promise.all([drain(stream).catch((error: unknown) => error), child]);
  signal?.throwIfAborted();
  if (result.code === "ENOENT") {
    throw new UserError(
      `The base ${suite} is made with mmdebstrap, which is not on this machine.`,
      "Type: sudo apt-get install mmdebstrap; or take the official images (images: official in the stack file).",
    );
  }
  if (result.failed) {
    const last = result.stderr.trim().split("\n").slice(-5).join("\n");
    throw new Error(`mmdebstrap could not make the base ${suite}: ${result.shortMessage}\n${last}`);
  }
  if (imported instanceof Error) throw imported;
  const id = (imported as { status?: string }[]).at(-1)?.status;
  if (!id?.startsWith("sha256:")) throw new Error(`the engine did not name the imported base ${suite}`);
  await docker.getImage(id).tag(repositoryAndTag(localName(suite, hash.slice(0, 24))));
}

/** Arguments of mmdebstrap(1): the tar archive goes to standard output. */
export function mmdebstrapArguments(suite: Suite, folder: string, access: PackageAccess): string[] {
  const sources = sourceLines(suite, access.mirrors);
  const https = sources.some((line) => line.includes(" https:"));
  const merged = existsSync(MERGED_USR) ? [`--hook-dir=${MERGED_USR}`, "--include=usr-is-merged"] : [];
  return [
    "--quiet",
    "--variant=apt",
    "--format=tar",
    // Half the packages: otherwise Debian 12 pulls in all of Perl to merge /usr while it installs.
    ...merged,
    ...(https ? ["--include=ca-certificates"] : []),
    "--dpkgopt=force-unsafe-io",
    '--aptopt=Acquire::Languages "none"',
    ...proxyOptions(access.proxies),
    `--customize-hook=${join(folder, "customize.sh")}`,
    suite,
    "-",
    ...sources,
  ];
}

const MERGED_USR = "/usr/share/mmdebstrap/hooks/maybe-merged-usr";

function proxyOptions(proxies: Readonly<Record<string, string>>): string[] {
  return (["http", "https"] as const).flatMap((scheme) => {
    const proxy = proxies[`${scheme}_proxy`];
    return proxy ? [`--aptopt=Acquire::${scheme}::Proxy "${proxy}"`] : [];
  });
}

function changes(labels: Readonly<Record<string, string>>): string[] {
  return [
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    'CMD ["/bin/bash"]',
    ...Object.entries(labels).map(([name, value]) => `LABEL ${name}=${value}`),
  ];
}
