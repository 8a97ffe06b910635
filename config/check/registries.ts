import { digestOf, HUB } from "../images.ts";
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema/index.ts";
import { setSecret } from "./secrets.ts";

/** Logins whose password isn't set, and builds whose image can't take what is built. */
export function checkRegistries(
  stack: string,
  { registries, apps }: Pick<StackConfig, "registries" | "apps">,
  hasSecret: (name: string) => boolean,
): Problem[] {
  const logins = Object.entries(registries).flatMap(([host, { password }]): Problem[] => {
    const path = `registries.${host}.password`;
    if (HUB.includes(host) && host !== "docker.io")
      return [
        {
          path: `registries.${host}`,
          message: "Docker Hub has another name here",
          remedy: "Write docker.io.",
        },
      ];
    if (hasSecret(password)) return [];
    return [{ path, message: `the secret ${password} is not set`, remedy: setSecret(stack, password) }];
  });
  const builds = Object.entries(apps).flatMap(([name, { build, image }]): Problem[] => {
    if (!build || digestOf(image) === undefined) return [];
    const remedy = "Write the repository without @sha256:…, or remove build.";
    return [
      {
        path: `apps.${name}.image`,
        message: "expected a repository for what is built, found one image by its digest",
        remedy,
      },
    ];
  });
  return [...logins, ...builds];
}
