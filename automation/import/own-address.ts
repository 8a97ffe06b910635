import type { Service } from "./compose/service.ts";
import type { Notes } from "./notes.ts";

/** Variables that tell an application its own address; with another word in front they may. */
const OWN = /^((BASE|PUBLIC|SITE|APP|EXTERNAL|ROOT)_?URL|URL)$/i;
const PERHAPS = /(^|_)(BASE|PUBLIC|SITE|APP|EXTERNAL|ROOT|SERVER|WEB|FRONTEND|AUTH|WEBHOOK)_?URL$/i;

/** Host names that applications are told as their own; those of containers and of this machine are none. */
export function ownHosts(services: readonly Service[]): string[] {
  return services.flatMap(({ environment }) =>
    Object.entries(environment).flatMap(([name, value]) => {
      const host = hostOf(value);
      return host !== undefined && OWN.test(name) ? [host] : [];
    }),
  );
}

const hostOf = (value: string): string | undefined =>
  /^https?:\/\/([a-z0-9.-]+\.[a-z]{2,})(:\d+)?(\/|$)/i.exec(value)?.[1]?.toLowerCase();

/**
 * Hints at values that name another address than the stack's.
 * @param before the old stack's domain, where something said it
 */
export function sayOtherAddresses(
  services: readonly Service[],
  domain: string,
  before: string | undefined,
  notes: Notes,
): void {
  const isBelow = (host: string): boolean => host === domain || host.endsWith(`.${domain}`);
  const old = before === undefined || isBelow(before) ? undefined : word(before);
  for (const { name, environment } of services)
    for (const [variable, value] of Object.entries(environment)) {
      const host = PERHAPS.test(variable) ? hostOf(value) : undefined;
      if ((host !== undefined && !isBelow(host)) || old?.test(value))
        notes.add(
          name,
          `environment: ${variable}`,
          "different",
          `It is kept, and names another address than the stack's, ${domain}: write {{url}} or {{domain}} where it means that.`,
        );
    }
}

/** A host name as a whole, or below another: `shop.example` in `https://www.shop.example/`, not in `myshop.example`. */
const word = (host: string): RegExp =>
  new RegExp(`(^|[^a-z0-9-])${host.replaceAll(".", "\\.")}(?![a-z0-9-]|\\.[a-z])`, "i");
