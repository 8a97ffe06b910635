import { isIP } from "node:net";

/** The server name that a client sends (RFC 6066 3); none for an address, in brackets or not. */
export function serverName(host: string): { servername?: string } {
  return isIP(host.replace(/^\[|\]$/g, "")) ? {} : { servername: host };
}
