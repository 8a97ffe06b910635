import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema/index.ts";

/** A server with an address: who it is. */
export function checkServer({ server }: StackConfig): Problem[] {
  if (!server.address) {
    if (!server.registry) return [];
    const message = "belongs to a server with an address, and this stack has a box";
    return [{ path: "server.registry", message, remedy: "Remove it; a box reaches the registry by itself." }];
  }
  const problems: Problem[] = [];
  if (!server.hostKey) {
    problems.push({
      path: "server.hostKey",
      message: `expected the public host key of ${server.address}, found nothing`,
      remedy: `Compare \`ssh-keyscan -p ${server.port} -t ed25519 ${server.address}\` with what your provider shows, and set it.`,
    });
  }
  return problems;
}
