/** How the containers of the old stack are reached: command lines for a shell, with standard input and output. */
export interface Old {
  /** Where they are typed. */
  where: string;
  /** A command in a service's container. */
  inside(service: string, command: string, environment?: readonly string[]): string;
  /** The content of a folder in it as a tar archive; it needn't run. */
  folder(service: string, path: string): string;
}

/** By Docker Compose, in the folder of its file. */
export const COMPOSE: Old = {
  where:
    "Type what begins with docker compose on the old machine, in the folder of its Compose file, and the rest in this folder, with the files that came out of it.",
  inside: (service, command, environment = []) =>
    ["docker compose exec -T", ...environment.map((one) => `-e ${one}`), service, command].join(" "),
  folder: (service, path) => `docker compose cp ${service}:${path}/. -`,
};

/**
 * On another server, by its own engine.
 * @param ssh how to get there
 * @param container how the engine there is told which container a service has: its name, or `$(docker ps …)`
 */
export function remote(ssh: string, container: (service: string) => string): Old {
  return {
    where: "Type all of it in this folder.",
    inside: (service, command, environment = []) => {
      const options = environment.map((one) => `-e ${one}`);
      return `${ssh} ${quoted(["docker exec -i", ...options, container(service), command].join(" "))}`;
    },
    folder: (service, path) => `${ssh} ${quoted(`docker cp ${container(service)}:${path}/. -`)}`,
  };
}

/** A command line as one word of another one. */
export const quoted = (line: string): string =>
  /^[\w@%+=:,./ -]+$/.test(line) ? line : `'${line.replaceAll("'", `'\\''`)}'`;
