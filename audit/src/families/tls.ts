import { connect as connectTls } from "node:tls";
import { check, fail, none, skip, when } from "../check.ts";
import { outside } from "../family.ts";
import { gatherCertificate, type CertificateEvidence } from "./certificate.ts";
import { visit } from "../http.ts";
import type { Target } from "../target.ts";
import { grade } from "../tls/grade.ts";
import { PROTOCOLS, type Protocol } from "../tls/hello.ts";
import { serverName } from "../tls/name.ts";
import { accepted, offer, type Accepted } from "../tls/probe.ts";
import { isBroken, isForwardSecret, isIntermediate, SUITES, isModern } from "../tls/suites.ts";

/** What a server speaks. */
export interface TlsEvidence {
  /** Suites by protocol; a protocol that isn't spoken has none. */
  protocols: Record<Protocol, Accepted[]>;
  /** Of TLS 1.2 and older. */
  tickets: boolean;
  compression: boolean;
  renegotiation: boolean;
  /** What ALPN chose from h2 and http/1.1. */
  alpn: string;
  /** What is wrong when a name that isn't served gets a handshake; `undefined` when it is refused. */
  foreign?: string;
  certificate: Pick<CertificateEvidence, "keyType" | "keyBits" | "distrust" | "missing">;
  /** max-age of Strict-Transport-Security; 0 without. */
  hsts: number;
}

const OLD: Protocol[] = ["SSL 3.0", "TLS 1.0", "TLS 1.1"];
const all = ({ protocols }: TlsEvidence): Accepted[] => Object.values(protocols).flat();
const names = (evidence: TlsEvidence): string[] => [...new Set(all(evidence).map(({ name }) => name))];

export const tls = outside<TlsEvidence>({
  title: "TLS protocols and ciphers",
  gather,
  checks: [
    check({
      id: "tls.old-protocols",
      title: "SSL 3.0, TLS 1.0 and TLS 1.1 are refused",
      severity: "high",
      requirements: ["T14", "RFC 8996"],
      remedy: "ssl_protocols TLSv1.2 TLSv1.3;",
      judge: ({ protocols }) =>
        none(
          OLD.filter((name) => protocols[name].length > 0).map((name) => `${name} is spoken`),
          "all refused",
        ),
    }),
    check({
      id: "tls.new-protocols",
      title: "TLS 1.2 and TLS 1.3 are spoken",
      severity: "medium",
      requirements: ["T14"],
      remedy: "ssl_protocols TLSv1.2 TLSv1.3;",
      judge: ({ protocols }) =>
        none(
          (["TLS 1.2", "TLS 1.3"] as const)
            .filter((name) => protocols[name].length === 0)
            .map((name) => `${name} is refused`),
          "both",
        ),
    }),
    check({
      id: "tls.broken-ciphers",
      title: "No suite without encryption or authentication, with an export key, RC4, DES or 3DES",
      severity: "critical",
      requirements: ["T15", "RFC 9325"],
      remedy: "List only ECDHE suites with AES-GCM or ChaCha20-Poly1305 in ssl_ciphers.",
      judge: (evidence) =>
        none(names(evidence).filter(isBroken), `none among ${names(evidence).length} suites`),
    }),
    check({
      id: "tls.intermediate",
      title: "Only suites of Mozilla's intermediate profile (no CBC, no static RSA, no DHE)",
      severity: "medium",
      requirements: ["T15", "T16"],
      remedy: "Use the list of Mozilla Server Side TLS 6.0, intermediate.",
      judge: (evidence) =>
        none(
          names(evidence).filter((name) => !isIntermediate(name)),
          names(evidence).join(", "),
        ),
    }),
    check({
      id: "tls.forward-secrecy",
      title: "Every suite has forward secrecy",
      severity: "high",
      requirements: ["T19", "RFC 9325"],
      remedy: "Remove suites without ECDHE from ssl_ciphers.",
      judge: (evidence) =>
        none(
          names(evidence).filter((name) => !isForwardSecret(name)),
          "all",
        ),
    }),
    check({
      id: "tls.dh-size",
      title: "DHE keys, if any, have at least 2048 bits",
      severity: "medium",
      requirements: ["T19"],
      remedy: "Remove DHE suites, or set ssl_dhparam to a group of 2048 bits or more.",
      judge: (evidence) => {
        const weak = all(evidence).filter(({ dhBits }) => dhBits !== undefined && dhBits < 2048);
        return none(
          weak.map(({ name, dhBits }) => `${name}: ${dhBits} bits`),
          "no short one",
        );
      },
    }),
    check({
      id: "tls.tickets",
      title: "No session tickets in TLS 1.2: their key would undo forward secrecy",
      severity: "low",
      requirements: ["T17"],
      remedy: "ssl_session_tickets off;",
      judge: ({ tickets }) => when(!tickets, tickets ? "tickets are issued" : "none are issued"),
    }),
    check({
      id: "tls.compression",
      title: "No TLS compression (CRIME)",
      severity: "high",
      requirements: ["T19"],
      remedy: "Update the TLS library; none of today compresses.",
      judge: ({ compression }) => when(!compression, compression ? "DEFLATE is accepted" : "refused"),
    }),
    check({
      id: "tls.renegotiation",
      title: "Renegotiation is protected",
      severity: "medium",
      requirements: ["T19", "RFC 5746"],
      remedy: "Update the TLS library.",
      judge: ({ renegotiation, protocols }) =>
        [...OLD, "TLS 1.2" as const].every((name) => protocols[name].length === 0)
          ? skip("only TLS 1.3 is spoken")
          : when(renegotiation, renegotiation ? "RFC 5746" : "not protected"),
    }),
    check({
      id: "tls.http2",
      title: "HTTP/2 is offered",
      severity: "low",
      requirements: ["T18"],
      remedy: "http2 on;",
      judge: ({ alpn }) => when(alpn === "h2", alpn || "no ALPN"),
    }),
    check({
      id: "tls.foreign-name",
      title: "A name that isn't served gets no page of this site",
      severity: "low",
      requirements: ["E6"],
      remedy: "A default server with ssl_reject_handshake on;",
      judge: ({ foreign }) =>
        foreign === undefined ? when(true, "the handshake is refused") : fail(foreign),
    }),
    check({
      id: "tls.grade",
      title: "Grade A+ by the rules of SSL Labs",
      severity: "medium",
      requirements: ["T19", "O32"],
      remedy: "What caps the grade is named; the other checks of this group say how to fix it.",
      judge: (evidence, { ownCertificate, box }) => {
        const { keyType, keyBits, distrust, missing } = evidence.certificate;
        const facts = { keyType, keyBits, trusted: !distrust, named: missing.length === 0 };
        const result = grade({ ...evidence, ...facts });
        const note = ownCertificate && box ? ", leaving aside who signed the certificate" : "";
        const why = result.why.length > 0 ? `: ${result.why.join(", ")}` : "";
        return {
          ...when(result.grade === "A+", `${result.grade} with a score of ${result.score}${note}${why}`),
          figure: result.grade,
        };
      },
    }),
  ],
});

async function gather(target: Target, say: (line: string) => void): Promise<TlsEvidence> {
  const to = { address: target.address, port: target.httpsPort };
  const name = target.about.names[0]!;
  const protocols = {} as TlsEvidence["protocols"];
  let [tickets, compression, renegotiation] = [false, false, true];
  for (const protocol of Object.keys(PROTOCOLS) as Protocol[]) {
    say(`TLS: ${protocol}`);
    const { suites, first } = await accepted(to, protocol, name);
    protocols[protocol] = suites;
    if (!first || protocol === "TLS 1.3") continue;
    tickets ||= first.ticket;
    compression ||= first.compression !== 0;
    renegotiation &&= first.renegotiation;
  }
  if (Object.values(protocols).flat().length === 0) throw new Error(`${to.address}:${to.port} speaks no TLS`);
  const alpn = await negotiated(to, name);
  const certificate = await gatherCertificate(target);
  const page = await visit(target, (visitor) => visitor.ask("/")).catch(() => undefined);
  const hsts = Number(/max-age=(\d+)/i.exec(page?.headers["strict-transport-security"] ?? "")?.[1] ?? 0);
  const foreign = await foreignName(target);
  return { protocols, tickets, compression, renegotiation, alpn, foreign, certificate, hsts };
}

function negotiated(to: { address: string; port: number }, host: string): Promise<string> {
  return new Promise((done) => {
    const socket = connectTls({
      ...serverName(host),
      host: to.address,
      port: to.port,
      rejectUnauthorized: false,
      ALPNProtocols: ["h2", "http/1.1"],
      minVersion: "TLSv1",
    });
    const end = (text: string): void => {
      socket.destroy();
      done(text);
    };
    socket.setTimeout(8000, () => end(""));
    socket.on("secureConnect", () => end(socket.alpnProtocol || ""));
    socket.on("error", () => end(""));
  });
}

/** A completed handshake shows a certificate, and with it what lives at an address. */
async function foreignName(target: Target): Promise<string | undefined> {
  const to = { address: target.address, port: target.httpsPort };
  const suites = SUITES.filter((suite) => !isModern(suite)).map(({ id }) => id);
  const old = await offer(to, { protocol: "TLS 1.2", suites, name: "not-served.invalid" });
  const modern = await offer(to, {
    protocol: "TLS 1.3",
    suites: SUITES.filter(isModern).map(({ id }) => id),
    name: "not-served.invalid",
  });
  return old || modern ? "a handshake is completed for not-served.invalid" : undefined;
}
