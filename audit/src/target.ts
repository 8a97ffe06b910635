import type { About } from "./about.ts";
import type { Answers, Request } from "./inside/look.ts";

/** Asks the server all questions at once, from inside. @throws an error whose message says why there are no answers */
export type Ask = (questions: Record<string, Request>) => Promise<Answers>;

/** A server to look at. */
export interface Target {
  about: About;
  /** Address to connect to; the names may resolve to another. */
  address: string;
  httpPort: number;
  httpsPort: number;
  /** A certificate that is trusted in addition to the system's (PEM). */
  trusted?: string;
  /** Names with a certificate of their own, and what is trusted for each in addition to the system's (PEM). */
  apart?: Readonly<Record<string, string | undefined>>;
  /** The way in; without it the checks from inside are unknown. */
  ask?: Ask;
  /** Secrets to search for, by name: never print. */
  secrets: Record<string, string>;
  /** Addresses for the port scan when they differ: a box is reached at its own, not through the loopback. */
  scan?: string[];
}

/** What can be known of a server in addition to its address on the web. */
export interface Site {
  /** Name of the system, the prefix of its containers. */
  name: string;
  /** Where to connect; the name may resolve to another address. */
  address?: string;
  ask?: Ask;
  exceptions?: About["exceptions"];
}

/** A server that is known by its address on the web alone. */
export function siteTarget(url: URL, { name, address, ask, exceptions = [] }: Site): Target {
  const httpsPort = url.port ? Number(url.port) : 443;
  return {
    about: {
      name,
      box: false,
      url: url.href,
      names: [url.hostname],
      ports: [22, 80, httpsPort],
      declared: [],
      secretsInEnvironment: [],
      health: [],
      ownCertificate: false,
      exceptions,
    },
    address: address ?? url.hostname.replace(/^\[|\]$/g, ""),
    httpPort: 80,
    httpsPort,
    ask,
    secrets: {},
  };
}
