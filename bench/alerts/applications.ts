import type { Breakage, Scene } from "./breakage.ts";

/** Starts a container of a release that the traffic switch knows nothing of, from the image of one that it knows. */
const LEFT_OVER = `image="$(docker inspect --format '{{.Image}}' "$1")"
docker run --detach --name bench-left-over --network none --memory 32m --label managed-by=fairlead --label app=maicivy \\
  --label service=work --env RELEASE=work-0000000000 --entrypoint sleep "$image" infinity`;

/** The kernel kills it four times; each time Docker starts it again, with an empty folder. */
const HUNGRY = `for time in 1 2 3 4; do
  before="$(docker inspect --format '{{.RestartCount}}' "$1")"
  docker exec "$1" touch /tmp/hungry
  for second in $(seq 60); do
    test "$(docker inspect --format '{{.RestartCount}}' "$1")" = "$before" || break
    sleep 1
  done
  sleep 3
done
docker exec "$1" touch /tmp/sick`;

/** What visitors notice of an application, and its containers, processes and jobs. */
export function applications({ stack }: Scene): Breakage[] {
  const of = (app: string, labels: Record<string, string> = {}): Record<string, string> => ({
    app,
    ...labels,
  });
  let gone = "";
  const flag = async (argv: string[]): Promise<string> => {
    const format = '{{range .Mounts}}{{if eq .Destination "/flags"}}{{.Source}}{{end}}{{end}}';
    const folder = await stack.docker("inspect", "--format", format, await stack.container("work"));
    return stack.run([...argv, `${folder}/fail`]);
  };
  return [
    {
      how: "half of the requests answered with 500",
      alerts: [
        { alert: "HighErrorRate", labels: of("failing", { measure: "share" }) },
        { alert: "ErrorBudgetBurn", labels: of("failing", { window: "1h" }) },
        { alert: "ErrorBudgetBurn", labels: of("failing", { window: "6h" }) },
      ],
      break: () => stack.tell("failing", { errors: 0.5 }),
      mend: () => stack.tell("failing", { errors: 0 }),
    },
    {
      how: "3 % of 5 requests a second answered with 500",
      alerts: [{ alert: "HighErrorRate", labels: of("counted", { measure: "rate" }) }],
      break: () => stack.tell("counted", { errors: 0.03 }),
      mend: () => stack.tell("counted", { errors: 0 }),
    },
    {
      how: "0.4 % of the requests answered with 500",
      alerts: [{ alert: "ErrorBudgetBurn", labels: of("spends", { window: "3d" }) }],
      break: () => stack.tell("spends", { errors: 0.004 }),
      mend: () => stack.tell("spends", { errors: 0 }),
    },
    {
      how: "each answer takes 3 s",
      alerts: [
        { alert: "HighResponseTime", labels: of("slow") },
        { alert: "LatencyBudgetBurn", labels: of("slow", { window: "1h" }) },
        { alert: "LatencyBudgetBurn", labels: of("slow", { window: "6h" }) },
      ],
      break: () => stack.tell("slow", { wait: 3000 }),
      mend: () => stack.tell("slow", { wait: 0 }),
    },
    {
      how: "its only container stopped",
      alerts: [
        { alert: "BackendDown", labels: of("gone") },
        { alert: "ContainerDown", labels: of("gone") },
      ],
      break: async () => {
        gone = await stack.container("gone");
        await stack.docker("stop", "--time", "1", gone);
      },
      mend: () => stack.docker("start", gone),
    },
    {
      how: "it exports ten thousand series",
      alerts: [{ alert: "TooManySeries", labels: of("many") }],
      break: () => stack.tell("many", { series: 10_000 }),
      mend: () => stack.tell("many", { series: 0 }),
    },
    {
      how: "a worker killed four times for its memory, then unhealthy",
      alerts: [
        { alert: "ContainerKilledForMemory", labels: of("work") },
        { alert: "ContainerRestarting", labels: of("work") },
        { alert: "ContainerUnhealthy", labels: of("work") },
      ],
      break: async () => stack.script(HUNGRY, await stack.container("work", "worker")),
      mend: async () =>
        stack.docker("exec", await stack.container("work", "worker"), "rm", "--force", "/tmp/sick"),
    },
    {
      how: "a container of an unknown release started",
      alerts: [{ alert: "ContainerLeftOver", labels: of("work") }],
      break: async () => stack.script(LEFT_OVER, await stack.container("work")),
      mend: () => stack.docker("rm", "--force", "bench-left-over"),
    },
    {
      how: "a job ends with exit code 3",
      alerts: [{ alert: "JobFailed", labels: { exported_job: "nightly" } }],
      break: () => flag(["touch"]),
      mend: () => flag(["rm", "--force"]),
    },
    {
      how: "a job's timer stopped",
      alerts: [{ alert: "JobOverdue", labels: { exported_job: "late" } }],
      break: () => stack.run(["systemctl", "stop", "fairlead-job-work.late.timer"]),
      mend: () => stack.run(["systemctl", "start", "fairlead-job-work.late.timer"]),
    },
  ];
}
