import { asRule, type RuleGroup } from "../rule.ts";
import { duration } from "../duration.ts";
import { jobNames } from "../scrape.ts";
import type { Watched } from "../watched.ts";
import { yaml } from "../yaml.ts";
import { applicationAlerts } from "./applications.ts";
import { containerAlerts, timerAlerts } from "./containers.ts";
import { edgeAlerts } from "./edge.ts";
import { ownAlerts } from "./own.ts";
import { recorded } from "./recorded.ts";
import { serverAlerts } from "./server.ts";
import { storeAlerts } from "./stores.ts";

/** All rules, by file. */
export function ruleGroups(watched: Watched): Record<string, RuleGroup[]> {
  return {
    recorded: recorded(watched),
    applications: [...applicationAlerts(watched), containerAlerts(), timerAlerts()],
    server: [storeAlerts(watched), serverAlerts(watched), edgeAlerts(watched)].filter(
      ({ rules }) => rules.length > 0,
    ),
    monitoring: [ownAlerts(watched, jobNames(watched))],
  };
}

/** Rule files of Prometheus: name → text. */
export function ruleFiles(watched: Watched): Record<string, string> {
  const files = Object.entries(ruleGroups(watched)).map(([name, groups]) => [
    `${name}.yml`,
    yaml({
      groups: groups.map(({ name: group, interval, rules }) => ({
        name: group,
        ...(interval === undefined ? {} : { interval: duration(interval) }),
        rules: rules.map((rule) => asRule(rule, watched.monitoring.runbooks)),
      })),
    }),
  ]);
  return Object.fromEntries(files) as Record<string, string>;
}
