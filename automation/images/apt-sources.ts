import { SUITES, type Suite } from "./names.ts";

/** Where this machine gets Debian's packages. */
export interface Mirrors {
  archive: string;
  /** Absent when the machine has a mirror of its own for the archive and none for security updates. */
  security?: string;
}

/** Debian's own servers, for a machine whose sources name no mirror of Debian. */
export const DEFAULT_MIRRORS: Mirrors = {
  archive: "http://deb.debian.org/debian",
  security: "http://deb.debian.org/debian-security",
};

interface Source {
  uri: string;
  suites: string[];
  components: string[];
  signedBy?: string;
}

/**
 * Finds the mirrors in the text of apt's source files (sources.list(5)): one-line style in `*.list`, deb822 in
 * `*.sources`. Sources of others for Debian's releases, which look alike, are left out.
 *
 * @param files contents by file name
 */
export function mirrorsOf(files: Readonly<Record<string, string>>): Mirrors {
  const sources = Object.entries(files).flatMap(([name, text]) =>
    name.endsWith(".sources") ? deb822(text) : oneLine(text),
  );
  const debian = sources.filter(
    ({ uri, components, signedBy }) =>
      /^https?:/.test(uri) &&
      components.includes("main") &&
      (/\/debian(-security|-archive|-mirror)?(\/|$)/.test(uri) || /debian-archive/.test(signedBy ?? "")),
  );
  const archive = debian.find(({ suites }) => suites.some((suite) => RELEASES.includes(suite)));
  if (!archive) return DEFAULT_MIRRORS;
  const security = debian.find(({ suites }) =>
    suites.some((suite) => /(-security|\/updates)$/.test(suite) && RELEASES.includes(releaseOf(suite))),
  );
  const fallback = isDebians(archive.uri) ? DEFAULT_MIRRORS.security : undefined;
  return { archive: trim(archive.uri), security: security ? trim(security.uri) : fallback };
}

/** The lines of a sources.list for one release from these mirrors. */
export function sourceLines(suite: Suite, mirrors: Mirrors): string[] {
  const lines = [`deb ${mirrors.archive} ${suite} main`, `deb ${mirrors.archive} ${suite}-updates main`];
  return mirrors.security ? [...lines, `deb ${mirrors.security} ${suite}-security main`] : lines;
}

const RELEASES: readonly string[] = [...SUITES, "bullseye", "forky", "stable", "oldstable", "testing", "sid"];

const releaseOf = (suite: string): string => suite.replace(/(-security|\/updates)$/, "");

const isDebians = (uri: string): boolean => /^https?:\/\/([a-z0-9-]+\.)*debian\.org\//.test(uri);

const trim = (uri: string): string => uri.replace(/\/+$/, "");

function oneLine(text: string): Source[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!match) return [];
    const [, options = "", uri, suite, components] = match;
    const signedBy = /signed-by=(\S+)/i.exec(options)?.[1];
    return [{ uri: uri!, suites: [suite!], components: words(components!), signedBy }];
  });
}

function deb822(text: string): Source[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    const lines = stanza.split("\n").filter((line) => !line.startsWith("#"));
    for (const [, name, value] of lines.join("\n").matchAll(/^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields.set(name!.toLowerCase(), value!.trim());
    }
    const list = (name: string): string[] => words(fields.get(name) ?? "");
    if (!list("types").includes("deb") || /^(no|false|0)$/i.test(fields.get("enabled") ?? "")) return [];
    const rest = {
      suites: list("suites"),
      components: list("components"),
      signedBy: fields.get("signed-by"),
    };
    return list("uris").map((uri) => ({ uri, ...rest }));
  });
}

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);
