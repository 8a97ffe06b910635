import type { Monitor } from "./wanted.ts";

/** Services whose API takes a monitor as JSON. */
export const SERVICES = ["betterstack", "uptimerobot"] as const;
export type UptimeService = (typeof SERVICES)[number];

/** Bodies of the requests that make the monitors at a service, in its own words. */
export function bodiesFor(service: UptimeService, monitors: readonly Monitor[], trusted: boolean): object[] {
  return monitors.map((one) => (service === "betterstack" ? betterStack(one, trusted) : uptimeRobot(one)));
}

/** POST https://uptime.betterstack.com/api/v2/monitors (betterstack.com/docs/uptime/api/create-a-new-monitor). */
function betterStack({ name, url, status, keyword }: Monitor, trusted: boolean): object {
  const common = { url, pronounceable_name: name, verify_ssl: trusted };
  if (keyword !== undefined) return { ...common, monitor_type: "keyword", required_keyword: keyword };
  if (status === undefined) return { ...common, monitor_type: "status" };
  return { ...common, monitor_type: "expected_status_code", expected_status_codes: [status] };
}

/** POST https://api.uptimerobot.com/v3/monitors (uptimerobot.com/api/v3); the interval is that of its free plan, in seconds. */
function uptimeRobot({ name, url, status, keyword }: Monitor): object {
  const common = { friendlyName: name, url, interval: 300, timeout: 30 };
  if (keyword !== undefined)
    return { ...common, type: "KEYWORD", keywordType: "ALERT_NOT_EXISTS", keywordValue: keyword };
  return {
    ...common,
    type: "HTTP",
    ...(status === undefined ? {} : { successHttpResponseCodes: [String(status)] }),
  };
}
