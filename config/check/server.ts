import { isOurs } from "../images.ts";
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema/index.ts";

/** A server with an address: who it is, and that it reaches the images it is to run. */
export function checkServer({ server, images, apps, releases }: StackConfig): Problem[] {
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
  if (server.registry) return problems;
  const remedy = "or set server.registry to where the server reaches that registry (docs/server.md).";
  if (images === "debian") {
    const message = `a server with an address doesn't reach the registry of this machine, where "debian" images are`;
    problems.push({ path: "images", message, remedy: `Set images to official, ${remedy}` });
  }
  const wanted = [
    ...Object.entries(apps).map(([name, { image }]) => ({ path: `apps.${name}.image`, image })),
    ...Object.entries(releases).flatMap(([name, traffic]) =>
      traffic.map(({ image }, index) => ({ path: `releases.${name}[${index}].image`, image })),
    ),
  ];
  for (const { path, image } of wanted) {
    if (!isOurs(image)) continue;
    problems.push({
      path,
      message: `${server.address} doesn't reach the registry of this machine`,
      remedy: `Push the image to a registry that it reaches, ${remedy}`,
    });
  }
  return problems;
}
