import type { Props } from "../contract.ts";
import type { DockerCtx } from "./context.ts";
import { DockerError } from "./errors.ts";
import { until } from "./convert.ts";

const SHOWN_CHARACTERS = 300;

/**
 * Waits until a container is healthy (`wait: true`), `waitTimeout` seconds at most.
 * @throws DockerError with the last probe's words
 */
export async function waitHealthy(ctx: DockerCtx, name: string, id: string, wanted: Props): Promise<void> {
  const seconds = Number(wanted["waitTimeout"] ?? 60);
  let last = "no probe has finished";
  const healthy = await until(
    async () => {
      const info = await ctx.engine.try(`${name}: cannot be read`, (docker) =>
        docker.getContainer(id).inspect(),
      );
      const { Health: health, Running: running, Status: status, ExitCode: code } = info.State;
      if (!running && status === "exited" && info.HostConfig.RestartPolicy?.Name === "no")
        throw new DockerError(`${name}: ended with exit code ${code} before it was healthy; see its logs`);
      if (!health)
        throw new DockerError(`${name}: wait is set, but there is no healthcheck; add one or drop wait`);
      const probe = (health.Log as { ExitCode: number; Output: string }[] | undefined)?.at(-1);
      if (probe)
        last = `last probe exited ${probe.ExitCode}: ${probe.Output.trim().slice(-SHOWN_CHARACTERS)}`;
      return health.Status === "healthy";
    },
    seconds,
    ctx.signal,
  );
  if (!healthy)
    throw new DockerError(`${name}: container failed to be in healthy state within ${seconds} s (${last})`);
}
