import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, rootCertificates } from "node:tls";
import { check, fail, pass, skip, when } from "../check.ts";
import { outside } from "../family.ts";
import type { Target } from "../target.ts";
import { serverName } from "../tls/name.ts";

/** The certificate that a visitor gets. */
export interface CertificateEvidence {
  /** Milliseconds since 1970. */
  from: number;
  until: number;
  now: number;
  /** Names that their certificate doesn't cover. */
  missing: string[];
  /** `rsa 2048`, `ec prime256v1`. */
  keyType: string;
  keyBits: number;
  /** Why a browser wouldn't trust it. */
  distrust?: string;
  /** It is trusted by the stack's own certificate only. */
  ownTrust: boolean;
  /** DER signature algorithms, leaf first. */
  signatures: string[];
  /** Certificates that were sent, leaf first. */
  chain: string[];
  /** The leaf asks for stapled OCSP, which Let's Encrypt no longer answers. */
  mustStaple: boolean;
}

const DAY = 86_400_000;
const left = ({ from, until, now }: CertificateEvidence): number => (until - now) / (until - from);
const spell = (evidence: CertificateEvidence): string =>
  `${Math.floor((evidence.until - evidence.now) / DAY)} days left, ${Math.round(left(evidence) * 100)} % of its life`;

export const certificate = outside<CertificateEvidence>({
  title: "Certificate",
  gather: gatherCertificate,
  checks: [
    check({
      id: "certificate.trusted",
      title: "The chain leads to a trusted root",
      severity: "high",
      requirements: ["T1", "O12"],
      remedy: "Issue a certificate (docs/certificates.md), and send the intermediate with it.",
      judge: ({ distrust, ownTrust, chain }) =>
        distrust
          ? fail(distrust)
          : pass(ownTrust ? "the stack's own certificate, which only its clients trust" : chain.join(" ← ")),
    }),
    check({
      id: "certificate.names",
      title: "It covers every name that is served",
      severity: "high",
      requirements: ["T2", "T3", "O12"],
      remedy: "Issue one for all names, or for the site that has one of its own.",
      judge: ({ missing }) =>
        when(missing.length === 0, missing.length > 0 ? `not covered: ${missing.join(", ")}` : "all"),
    }),
    check({
      id: "certificate.valid",
      title: "It is valid now",
      severity: "critical",
      requirements: ["O3", "T9"],
      remedy: "Renew it; the runbook is in docs/certificates.md.",
      judge: (evidence) =>
        when(evidence.now >= evidence.from && evidence.now < evidence.until, spell(evidence)),
    }),
    check({
      id: "certificate.life",
      title: "More than a quarter of its life is left: renewal works",
      severity: "medium",
      requirements: ["T9", "T11"],
      remedy: "Look at the renewal timer and its log, /var/log/ssl-renew.log.",
      judge: (evidence) => when(left(evidence) > 0.25, spell(evidence)),
    }),
    check({
      id: "certificate.key",
      title: "Its key is strong: RSA from 2048 bits, elliptic curves from 256",
      severity: "high",
      requirements: ["T19"],
      remedy: "Issue one with an ECDSA P-256 or an RSA 2048 key.",
      judge: ({ keyType, keyBits }) =>
        when(keyBits >= (keyType === "rsa" ? 2048 : 256), `${keyType} ${keyBits}`),
    }),
    check({
      id: "certificate.signature",
      title: "No signature by MD5 or SHA-1 in the chain",
      severity: "high",
      requirements: ["T15"],
      remedy: "Issue a new certificate from an authority that signs with SHA-256.",
      judge: ({ signatures }) =>
        when(!signatures.some((name) => /md5|sha-?1(?!\d)/i.test(name)), signatures.join(", ")),
    }),
    check({
      id: "certificate.staple",
      title: "It doesn't demand OCSP stapling, which Let's Encrypt ended in 2025",
      severity: "medium",
      requirements: ["T1"],
      remedy: "Issue it without must-staple.",
      judge: ({ mustStaple }) => when(!mustStaple, mustStaple ? "must-staple is set" : "it doesn't"),
    }),
    check({
      id: "certificate.public",
      title: "A public authority vouches for it",
      severity: "high",
      requirements: ["T1"],
      remedy: "Set certificates.mode to acme.",
      judge: ({ ownTrust, distrust }, { box }) =>
        ownTrust && box
          ? skip("a box has no public name")
          : when(!ownTrust && !distrust, ownTrust ? "the stack's own" : (distrust ?? "yes")),
    }),
  ],
});

/** Shakes hands and reads what is shown; names with a certificate of their own are asked one by one. */
export async function gatherCertificate(target: Target): Promise<CertificateEvidence> {
  const { chain, distrust } = await handshake(target, target.about.names[0]!, target.trusted);
  const evidence = describe(chain, target, distrust);
  const apart = Object.entries(target.apart ?? {});
  const wrong = await Promise.all(apart.map(([name, trusted]) => flaws(target, name, trusted)));
  return { ...evidence, missing: [...evidence.missing, ...wrong.flat()] };
}

/** What is wrong with the certificate that is shown for a name of its own. */
async function flaws(target: Target, name: string, trusted: string | undefined): Promise<string[]> {
  const { chain, distrust } = await handshake(target, name, trusted);
  if (!chain[0]!.checkHost(name)) return [name];
  return distrust ? [`${name} (${distrust})`] : [];
}

interface Shown {
  /** Leaf first, and never empty. */
  chain: X509Certificate[];
  distrust?: string;
}

function handshake(target: Target, name: string, trusted: string | undefined): Promise<Shown> {
  return new Promise((done, failed) => {
    const ca = trusted ? [...rootCertificates, trusted] : undefined;
    const socket = connect({
      ...serverName(name),
      host: target.address,
      port: target.httpsPort,
      ca,
      rejectUnauthorized: false,
      minVersion: "TLSv1",
      ciphers: "ALL:@SECLEVEL=0",
    });
    socket.setTimeout(10_000, () => socket.destroy(new Error("no TLS handshake within 10 s")));
    socket.on("error", failed);
    socket.on("secureConnect", () => {
      const chain = chainOf(socket.getPeerX509Certificate());
      const reason = socket.authorized ? undefined : String(socket.authorizationError);
      socket.destroy();
      if (chain.length === 0) return failed(new Error("no certificate was sent"));
      // Node reports a wrong name here too; names are judged apart.
      done({ chain, distrust: reason?.includes("ALTNAME") ? undefined : reason });
    });
  });
}

/** Leaf first; a root that signs itself ends it. */
function chainOf(leaf: X509Certificate | undefined): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let one = leaf; one && chain.length < 8; one = one.issuerCertificate) {
    if (chain.some(({ fingerprint256 }) => fingerprint256 === one!.fingerprint256)) break;
    chain.push(one);
  }
  return chain;
}

/** The facts of a chain; pure but for the clock. */
export function describe(
  chain: X509Certificate[],
  { about, trusted, apart = {} }: Pick<Target, "about" | "trusted" | "apart">,
  distrust?: string,
): CertificateEvidence {
  const leaf = chain[0]!;
  const { asymmetricKeyType = "unknown", asymmetricKeyDetails } = leaf.publicKey;
  const curve = asymmetricKeyDetails?.namedCurve ?? "";
  const own = trusted ? new X509Certificate(trusted) : undefined;
  return {
    from: Date.parse(leaf.validFrom),
    until: Date.parse(leaf.validTo),
    now: Date.now(),
    missing: about.names.filter(
      (name) => !(name in apart) && !(isIP(name) ? leaf.checkIP(name) : leaf.checkHost(name)),
    ),
    keyType: asymmetricKeyType,
    keyBits: asymmetricKeyDetails?.modulusLength ?? (Number(/\d{3}/.exec(curve)?.[0]) || (curve ? 256 : 0)),
    distrust,
    ownTrust: own !== undefined && chain.some((one) => isFrom(one, own)),
    // A root is trusted for being known, not for its signature.
    signatures: chain.filter((one, index) => index === 0 || one.subject !== one.issuer).map(signatureOf),
    chain: chain.map(({ subject }) => /CN=([^\n]*)/.exec(subject ?? "")?.[1] ?? "(no name)"),
    mustStaple: leaf.raw.includes(MUST_STAPLE),
  };
}

/** The certificate itself, or one that it has signed: a server need not send the root. */
function isFrom(one: X509Certificate, own: X509Certificate): boolean {
  if (one.fingerprint256 === own.fingerprint256) return true;
  return one.checkIssued(own) && one.verify(own.publicKey);
}

/** 1.3.6.1.5.5.7.1.24 (RFC 7633). */
const MUST_STAPLE = Buffer.from("06082b06010505070118", "hex");

const ALGORITHMS: Record<string, string> = {
  "2a864886f70d010104": "md5WithRSA",
  "2a864886f70d010105": "sha1WithRSA",
  "2a864886f70d01010b": "sha256WithRSA",
  "2a864886f70d01010c": "sha384WithRSA",
  "2a864886f70d01010d": "sha512WithRSA",
  "2a864886f70d01010a": "RSA-PSS",
  "2a8648ce3d0401": "ecdsaWithSHA1",
  "2a8648ce3d040302": "ecdsaWithSHA256",
  "2a8648ce3d040303": "ecdsaWithSHA384",
  "2b6570": "Ed25519",
};

/** The outer signatureAlgorithm: the sequence that follows the signed part (RFC 5280 4.1). */
function signatureOf({ raw }: X509Certificate): string {
  const after = element(raw, element(raw, 0).start);
  const algorithm = element(raw, element(raw, after.end).start);
  const oid = raw.subarray(algorithm.start, algorithm.end).toString("hex");
  return ALGORITHMS[oid] ?? `OID ${oid}`;
}

/** Where the content of a DER element starts and ends (X.690 8.1). */
function element(bytes: Buffer, at: number): { start: number; end: number } {
  const first = bytes[at + 1]!;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const size = first & 0x7f;
  const start = at + 2 + size;
  return { start, end: start + bytes.readUIntBE(at + 2, size) };
}
