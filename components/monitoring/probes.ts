import { probePath } from "../../config/probe-path.ts";
import { yaml } from "./yaml.ts";
import type { Watched } from "./watched.ts";

/** Addresses of the site that are asked, through its public name; sorted. */
export function probedUrls({ domain, apps }: Pick<Watched, "domain" | "apps">): string[] {
  const paths = Object.values(apps).flatMap((app) => probePath(app) ?? []);
  return [...new Set(paths.length > 0 ? paths : ["/"])].sort().map((path) => `https://${domain}${path}`);
}

/**
 * blackbox.yml: how the site is asked.
 * @param trusted whether browsers trust its certificate
 */
export function blackboxYml({ domain }: Pick<Watched, "domain">, trusted: boolean): string {
  const tls = { insecure_skip_verify: !trusted };
  return yaml({
    modules: {
      http: {
        prober: "http",
        timeout: "10s",
        http: {
          // 401 asks for a login: it works.
          valid_status_codes: [200, 201, 202, 203, 204, 205, 206, 401],
          fail_if_not_ssl: true,
          preferred_ip_protocol: "ip4",
          tls_config: tls,
        },
      },
      tls: {
        prober: "tcp",
        timeout: "10s",
        tcp: { tls: true, preferred_ip_protocol: "ip4", tls_config: { ...tls, server_name: domain } },
      },
      dns: {
        prober: "dns",
        timeout: "10s",
        dns: {
          query_name: domain,
          query_type: "A",
          transport_protocol: "udp",
          preferred_ip_protocol: "ip4",
          validate_answer_rrs: { fail_if_none_matches_regexp: [".*\\sIN\\s+A\\s+.*"] },
        },
      },
    },
  });
}
