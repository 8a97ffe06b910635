import { GRAFANA } from "../grafana.ts";
import { hasTraffic } from "../ports.ts";
import type { Problem } from "../problems.ts";
import { secretsOf } from "../receivers.ts";
import type { StackConfig } from "../schema/index.ts";
import { monitoring as schema } from "../schema/monitoring.ts";
import { setSecret } from "./secrets.ts";

type Checked = Pick<StackConfig, "apps" | "monitoring" | "notifications">;

const TURN_ON = "Set monitoring.enabled to true, or remove it.";

/** Settings of monitoring that could do nothing. */
export function checkMonitoring({ apps, monitoring }: Checked): Problem[] {
  return [
    ...(monitoring.enabled ? checkSources(monitoring) : checkUnused(monitoring)),
    ...checkNames(apps, monitoring),
    ...checkGrafana(apps, monitoring),
    ...checkPorts(apps),
  ];
}

/** What differs from the defaults while nothing reads it. */
function checkUnused(monitoring: Checked["monitoring"]): Problem[] {
  const preset: Record<string, unknown> = schema.parse({});
  return Object.entries(monitoring)
    .filter(([key]) => !["enabled", "switchMetrics", "edgeStatus"].includes(key))
    .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(preset[key]))
    .map(([key]) => ({
      path: `monitoring.${key}`,
      message: "it is set, and monitoring is off",
      remedy: TURN_ON,
    }));
}

/** The alerts stand on both. */
function checkSources(monitoring: Checked["monitoring"]): Problem[] {
  return (["switchMetrics", "edgeStatus"] as const)
    .filter((key) => !monitoring[key])
    .map((key) => ({
      path: `monitoring.${key}`,
      message: "it is off, and monitoring needs its figures",
      remedy: "Remove it, or set monitoring.enabled to false.",
    }));
}

function checkNames(apps: Checked["apps"], { apps: own }: Checked["monitoring"]): Problem[] {
  return Object.keys(own)
    .filter((name) => !(name in apps))
    .map((name) => ({
      path: `monitoring.apps.${name}`,
      message: `expected one of ${Object.keys(apps).join(", ")}, found "${name}"`,
      remedy: "Correct or remove it.",
    }));
}

/** It is an application like any other, and its files are those of its containers. */
function checkGrafana(apps: Checked["apps"], { grafana }: Checked["monitoring"]): Problem[] {
  if (grafana === undefined) return [];
  const app = apps[grafana];
  if (!app) {
    const message = `expected one of ${Object.keys(apps).join(", ")}, found "${grafana}"`;
    return [{ path: "monitoring.grafana", message, remedy: "Declare it as an application, or remove this." }];
  }
  const { datasource, provider, dashboards } = GRAFANA;
  const isOurs = (path: string): boolean =>
    path === datasource || path === provider || `${path}/`.startsWith(`${dashboards}/`);
  return app.files.flatMap(({ path }, index): Problem[] =>
    isOurs(path)
      ? [
          {
            path: `apps.${grafana}.files[${index}].path`,
            message: `monitoring.grafana puts its own file at ${path}`,
            remedy: "Choose another path, or remove monitoring.grafana.",
          },
        ]
      : [],
  );
}

function checkPorts(apps: Checked["apps"]): Problem[] {
  return Object.entries(apps).flatMap(([name, app]): Problem[] => {
    if (!app.metrics) return [];
    const path = `apps.${name}.metrics`;
    if (!hasTraffic(app))
      return [
        {
          path,
          message: "the application has no web process",
          remedy: `Write it at a process: apps.${name}.processes.<name>.metrics.`,
        },
      ];
    if (app.metrics.port !== undefined || app.port !== undefined) return [];
    return [
      {
        path: `${path}.port`,
        message: "the application answers no HTTP",
        remedy: "Say on which port it does.",
      },
    ];
  });
}

/** Receivers without their secret, and those that nothing would be sent to. */
export function checkNotifications(
  stack: string,
  { monitoring, notifications }: Checked,
  hasSecret: (name: string) => boolean,
): Problem[] {
  const { watchdog, quiet } = notifications;
  const declared = Object.entries({ watchdog, quiet }).filter(([, value]) => value !== undefined);
  const unused = declared.map(([key]) => ({
    path: `notifications.${key}`,
    message: "it is set, and monitoring is off",
    remedy: TURN_ON,
  }));
  return [
    ...(monitoring.enabled ? [] : unused),
    ...Object.entries(secretsOf(notifications)).flatMap(([path, secret]): Problem[] =>
      hasSecret(secret)
        ? []
        : [
            {
              path: `notifications.${path}`,
              message: `the secret ${secret} is not set`,
              remedy: setSecret(stack, secret),
            },
          ],
    ),
    ...checkQuiet(quiet),
  ];
}

function checkQuiet(quiet: Checked["notifications"]["quiet"]): Problem[] {
  if (quiet?.from !== quiet?.to || !quiet) return [];
  return [
    {
      path: "notifications.quiet.to",
      message: `expected another time than ${quiet.from}, at which they begin`,
      remedy: "Correct or remove it.",
    },
  ];
}
