import type { Breakage, Scene } from "./breakage.ts";

const NAME = "maicivy_prometheus";
const MINUTE = 60;
const HOURS = 7;

/** A series over the last hours, each minute: one that Prometheus knows from then on. */
interface Past {
  name: string;
  /** As Prometheus prints it. */
  labels: string;
  /** @param share 0 at the beginning, 1 at the end */
  value: (share: number) => number;
}

/** Lines of OpenMetrics, up to the start of the stack's own figures. */
function openMetrics(all: Past[], end: number): string {
  const began = end - HOURS * 3600;
  const times = Array.from({ length: (HOURS * 3600) / MINUTE }, (_, index) => began + index * MINUTE);
  const lines = all.flatMap(({ name, labels, value }) => [
    `# TYPE ${name} gauge`,
    ...times.map((time) => `${name}{${labels}} ${value((time - began) / (end - began))} ${time}`),
  ]);
  return `${lines.join("\n")}\n# EOF\n`;
}

const TAKE = `cat >/tmp/history.txt
promtool tsdb create-blocks-from openmetrics /tmp/history.txt /prometheus >/dev/null
rm /tmp/history.txt`;

/** What takes hours: Prometheus gets figures of the hours before, as if it had been there. */
export function slowly({ stack, began }: Scene & { began: number }): Breakage[] {
  const blocks = async (): Promise<string[]> =>
    (await stack.docker("exec", NAME, "ls", "/prometheus"))
      .split("\n")
      .filter((name) => /^[0-9A-Z]{26}$/.test(name));
  const give = (all: Past[]): Promise<string> =>
    stack.run(["docker", "exec", "-i", NAME, "sh", "-ec", TAKE], openMetrics(all, began));
  // All of them: its own figures are none before they are two hours old.
  const take = async (): Promise<string> => {
    const paths = (await blocks()).map((name) => `/prometheus/${name}`);
    return stack.docker("exec", NAME, "rm", "-r", ...paths);
  };
  const labels = async (name: string, which: string): Promise<string> => {
    const [found] = await stack.ask(`${name}{${which}}`);
    const [, text] = /\{(.*)\} =>/.exec(found ?? "") ?? [];
    if (text === undefined) throw new Error(`Prometheus has no ${name}{${which}}`);
    // OpenMetrics has no space between labels.
    return text.replaceAll(/", (?=\w+=")/g, '",');
  };
  const past = async (name: string, which: string, value: Past["value"]): Promise<Past> => ({
    name,
    labels: await labels(name, which),
    value,
  });
  return [
    {
      how: "figures of 7 hours given: half of a disk written, a folder that grows, slow for 3 % of the time",
      alerts: [
        { alert: "DiskFullSoon", labels: { mountpoint: "/srv/trend" } },
        { alert: "FolderGrowing", labels: { folder: "backups" } },
        { alert: "LatencyBudgetBurn", labels: { app: "spends", window: "3d" } },
      ],
      break: async () =>
        give([
          await past("node_filesystem_avail_bytes", 'mountpoint="/srv/trend"', (share) =>
            Math.round((0.8 - 0.5 * share) * 64 * 1024 ** 2),
          ),
          await past("fairlead_folder_bytes", 'folder="backups"', (share) =>
            Math.round((share - 1) * 30 * 1024 ** 3),
          ),
          await past("app:slow:p95_5m", 'app="spends"', (share) => Number(share > 0.5 && share < 0.53)),
        ]),
      mend: async () => {
        await stack.run(["rm", "-f", "/srv/trend/file"]);
        await take();
      },
    },
  ];
}
