import type { Breakage, Scene } from "./breakage.ts";

/** Outages, one after the other: each says why others fire, and silences them. */
export function outages({ stack }: Scene): Breakage[][] {
  const stop = (service: string): Promise<string> =>
    stack.docker("stop", "--time", "2", `maicivy_${service}`);
  const start = (service: string): Promise<string> => stack.docker("start", `maicivy_${service}`);
  return [
    [
      {
        how: "Nginx stopped",
        alerts: [{ alert: "EdgeDown" }],
        break: () => stop("nginx"),
        mend: () => start("nginx"),
      },
    ],
    [
      {
        how: "HAProxy stopped",
        alerts: [{ alert: "SwitchDown" }],
        break: () => stop("switch"),
        mend: () => start("switch"),
      },
    ],
    [
      {
        how: "Postgres stopped",
        alerts: [{ alert: "SiteDown" }, { alert: "PostgresDown" }],
        break: () => stop("postgres"),
        mend: () => start("postgres"),
      },
      {
        how: "Redis stopped",
        alerts: [{ alert: "RedisDown" }],
        break: () => stop("redis"),
        mend: () => start("redis"),
      },
    ],
  ];
}

/** What is seen once nothing else is broken: without the server's figures, much is not seen. */
export function blindness({ stack }: Scene): Breakage[][] {
  const measure = (verb: string): Promise<string> => stack.run(["systemctl", verb, "fairlead-measure"]);
  return [
    [
      {
        how: "the service that measures stopped",
        alerts: [{ alert: "FiguresStale" }],
        break: () => measure("stop"),
        mend: () => measure("start"),
      },
    ],
  ];
}
