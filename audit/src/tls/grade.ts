import type { Protocol } from "./hello.ts";
import { isAead, isBroken, isForwardSecret, strength } from "./suites.ts";

/** What a grade is made from. */
export interface Graded {
  protocols: Record<Protocol, { name: string; dhBits?: number }[]>;
  compression: boolean;
  renegotiation: boolean;
  keyType: string;
  keyBits: number;
  trusted: boolean;
  named: boolean;
  /** max-age of Strict-Transport-Security; 0 without. */
  hsts: number;
}

const PROTOCOL_SCORE: Record<Protocol, number> = {
  "SSL 3.0": 80,
  "TLS 1.0": 90,
  "TLS 1.1": 95,
  "TLS 1.2": 100,
  "TLS 1.3": 100,
};
/** HSTS of 180 days makes an A an A+. */
const LONG = 15_552_000;
const ORDER = ["A+", "A", "A-", "B", "C", "D", "E", "F"];
const LETTERS: [number, string][] = [
  [80, "A"],
  [65, "B"],
  [50, "C"],
  [35, "D"],
  [20, "E"],
];

/**
 * The grade by the rules of SSL Labs' rating guide (github.com/ssllabs/research/wiki/SSL-Server-Rating-Guide): a score
 * of protocols, key exchange and cipher strength, then the caps. T for a chain that isn't trusted, M for a wrong name.
 */
export function grade(server: Graded): { grade: string; score: number; why: string[] } {
  const spoken = (Object.keys(server.protocols) as Protocol[]).filter(
    (name) => server.protocols[name].length > 0,
  );
  const suites = Object.values(server.protocols).flat();
  const names = suites.map(({ name }) => name);
  const strengths = names.map(strength).map(cipherScore);
  const score = Math.round(
    0.3 * middle(spoken.map((name) => PROTOCOL_SCORE[name])) +
      0.3 * keyScore(server) +
      0.4 * middle(strengths),
  );
  const letter = LETTERS.find(([from]) => score >= from)?.[1] ?? "F";
  const caps = capsOf(server, spoken, names);
  const worst = [letter, ...caps.map(([cap]) => cap)].sort((a, b) => ORDER.indexOf(b) - ORDER.indexOf(a))[0]!;
  const why = caps.map(([cap, reason]) => `${reason} (at most ${cap})`);
  if (!server.trusted) return { grade: "T", score, why: ["the chain is not trusted", ...why] };
  if (!server.named) return { grade: "M", score, why: ["the name doesn't fit", ...why] };
  if (worst !== "A") return { grade: worst, score, why };
  return server.hsts >= LONG ? { grade: "A+", score, why } : { grade: "A", score, why: ["no long HSTS"] };
}

const middle = (values: number[]): number => (Math.max(...values) + Math.min(...values)) / 2;

function cipherScore(bits: number): number {
  if (bits === 0) return 0;
  if (bits < 128) return 20;
  return bits < 256 ? 80 : 100;
}

/** The weakest of the certificate's key and the DHE groups; a curve counts as the RSA key of its strength (NIST SP 800-57). */
function keyScore({ keyType, keyBits, protocols }: Graded): number {
  const equivalent = keyType === "rsa" ? keyBits : keyBits >= 384 ? 7680 : keyBits >= 256 ? 3072 : 1024;
  const groups = Object.values(protocols)
    .flat()
    .flatMap(({ dhBits }) => dhBits ?? []);
  const bits = Math.min(equivalent, ...groups);
  if (bits < 512) return 20;
  if (bits < 1024) return 40;
  if (bits < 2048) return 80;
  return bits < 4096 ? 90 : 100;
}

function capsOf(server: Graded, spoken: Protocol[], names: string[]): [string, string][] {
  const caps: [string, string][] = [];
  const cap = (when: boolean, letter: string, reason: string): void => {
    if (when) caps.push([letter, reason]);
  };
  const old = spoken.filter((name) => name !== "TLS 1.2" && name !== "TLS 1.3");
  const groups = Object.values(server.protocols)
    .flat()
    .flatMap(({ dhBits }) => dhBits ?? []);
  cap(
    names.some((name) => /NULL|_anon_|EXPORT/.test(name)),
    "F",
    "suites without protection",
  );
  cap(!server.renegotiation && spoken.some((name) => name !== "TLS 1.3"), "F", "unprotected renegotiation");
  cap(server.keyType === "rsa" && server.keyBits < 1024, "F", "key below 1024 bits");
  cap(old.includes("SSL 3.0"), "C", "SSL 3.0");
  cap(!spoken.some((name) => name === "TLS 1.2" || name === "TLS 1.3"), "C", "nothing newer than TLS 1.1");
  cap(server.compression, "C", "compression");
  cap(
    names.some((name) => /RC4|DES/.test(name) && !name.includes("EXPORT")),
    "C",
    "RC4 or DES",
  );
  cap(old.length > 0, "B", old.join(", "));
  cap(server.keyType === "rsa" && server.keyBits < 2048, "B", "key below 2048 bits");
  cap(
    groups.some((bits) => bits < 2048),
    "B",
    "DHE below 2048 bits",
  );
  cap(!names.some(isForwardSecret), "B", "no forward secrecy");
  cap(!names.some((name) => isAead(name) && !isBroken(name)), "B", "no authenticated encryption");
  cap(!spoken.includes("TLS 1.3"), "A-", "no TLS 1.3");
  cap(
    names.some((name) => !isForwardSecret(name)),
    "A-",
    "suites without forward secrecy",
  );
  return caps;
}
