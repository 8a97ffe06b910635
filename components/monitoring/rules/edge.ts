import { JOBS, NGINX, PROBE, SERVER } from "../../../config/metrics.ts";
import type { Alert, RuleGroup } from "../rule.ts";
import type { Watched } from "../watched.ts";

/**
 * Seconds between two evaluations, at most: an outage of everything reaches a person within two minutes, scrape, evaluation
 * and notification included.
 */
const PACE = 15;
/** Seconds that a cause lasts, and what follows from it: the cause is known first, and silences the other one. */
const CAUSE = 15;
const SYMPTOM = 60;

/** Alerts about what stands before the applications. */
export function edgeAlerts({ monitoring: { probes, evaluation } }: Watched): RuleGroup {
  return {
    name: "edge",
    interval: Math.min(PACE, evaluation),
    rules: [
      ...(probes.enabled ? [siteDown(), tlsFailing()] : []),
      ...(probes.enabled && probes.resolver !== undefined ? [nameNotFound()] : []),
      edgeDown(),
      switchDown(),
      certificate(0.25, "warning"),
      certificate(0.1, "critical"),
    ],
  };
}

function siteDown(): Alert {
  return {
    alert: "SiteDown",
    expr: `${PROBE.success}{job="${JOBS.http}"} == 0`,
    for: SYMPTOM,
    severity: "critical",
    summary: "{{ $labels.instance }} can't be reached",
    description:
      "{{ $labels.instance }} has not answered as it should for a minute, asked from the server through its public name (success {{ $value | humanize }}).",
  };
}

function tlsFailing(): Alert {
  return {
    alert: "TlsFailing",
    expr: `${PROBE.success}{job="${JOBS.tls}"} == 0`,
    for: 300,
    severity: "critical",
    summary: "{{ $labels.instance }} shows no good certificate",
    description:
      "The TLS handshake with {{ $labels.instance }} has failed for 5 minutes (success {{ $value | humanize }}): browsers refuse the site.",
  };
}

function nameNotFound(): Alert {
  return {
    alert: "NameNotFound",
    expr: `${PROBE.success}{job="${JOBS.dns}"} == 0`,
    for: 600,
    severity: "warning",
    summary: "the site's name isn't found",
    description:
      "The name server {{ $labels.instance }} has known no address of the site for 10 minutes (success {{ $value | humanize }}).",
  };
}

function edgeDown(): Alert {
  return {
    alert: "EdgeDown",
    expr: `max(${NGINX.up}) == 0`,
    for: CAUSE,
    severity: "critical",
    summary: "Nginx is down",
    description:
      "Nginx does not answer on the server (it says {{ $value | humanize }}): no site on this server is reached.",
  };
}

function switchDown(): Alert {
  return {
    alert: "SwitchDown",
    expr: `max(up{job="${JOBS.haproxy}"}) == 0`,
    for: CAUSE,
    severity: "critical",
    summary: "HAProxy is down",
    description: "HAProxy does not answer (it says {{ $value | humanize }}): no application is reached.",
  };
}

/** By the share of its life that is left: certificates of 90 days and of 6 are renewed at other times. */
function certificate(left: number, severity: Alert["severity"]): Alert {
  const { certificateStart: start, certificateEnd: end } = SERVER;
  return {
    alert: "CertificateExpiring",
    expr: `(${end} - time()) / (${end} - ${start}) < ${left}`,
    for: 3600,
    severity,
    summary: "the certificate is not renewed",
    description: `{{ $value | humanizePercentage }} of the certificate's life is left; it should have been renewed at a third.`,
  };
}
