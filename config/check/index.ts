import { checkAudit } from "./audit.ts";
import { checkAuth, visitorPasswords } from "./auth.ts";
import { checkCache } from "./cache.ts";
import { checkDatabases } from "./databases.ts";
import { checkEdge } from "./edge.ts";
import { checkCertificates } from "./certificates.ts";
import { checkEnvironment } from "./environment.ts";
import { checkPorts } from "./ports.ts";
import { checkProcesses } from "./processes.ts";
import { checkRegistries } from "./registries.ts";
import { checkReleases } from "./releases.ts";
import { checkSecrets, checkSecretValues } from "./secrets.ts";
import { credentialsOf } from "../dns-plugins.ts";
import { checkServer } from "./server.ts";
import { checkValues } from "./values.ts";
import { pin } from "../images.ts";
import { RESERVED } from "../reserved.ts";
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema/index.ts";
import { isProvider, neededServices, PROVIDERS } from "../services.ts";

/**
 * What the schema alone can't see: references between settings, secrets. All problems, not only the first. Whether
 * every image has a digest is {@link checkImages}: set-up records them.
 * @param secrets by name, in plain text; no problem shows a value
 */
export function check(
  stack: string,
  config: StackConfig,
  secrets: Readonly<Record<string, string>>,
): Problem[] {
  const hasSecret = (name: string): boolean => name in secrets;
  const { dns } = config.certificates;
  return [
    ...checkServer(config),
    ...checkApps(config),
    ...checkRoutes(config),
    ...checkProcesses(config),
    ...checkPorts(config),
    ...checkEnvironment(config.apps, secrets),
    ...checkValues(config.apps),
    ...checkDatabases(config),
    ...checkCache(config),
    ...checkReleases(stack, config),
    ...checkTraffic(stack, config),
    ...checkEdge(config),
    ...checkSecrets(stack, config, hasSecret),
    ...checkRegistries(stack, config, hasSecret),
    ...checkAuth(stack, config, secrets),
    ...checkSecretValues(stack, secrets, [
      ...(dns.plugin ? Object.values(credentialsOf(dns).secrets) : []),
      ...visitorPasswords(config),
    ]),
    ...checkCertificates(stack, config, hasSecret),
    ...checkAudit(stack, config),
  ];
}

function checkApps(config: StackConfig): Problem[] {
  const running = neededServices(config);
  return Object.entries(config.apps).flatMap(([name, app]) => {
    const problems: Problem[] = [];
    const owner = RESERVED.get(name);
    if (owner !== undefined) {
      problems.push({
        path: `apps.${name}`,
        message: `this name belongs to the stack: it is ${owner}`,
        remedy: `Choose another than ${[...RESERVED.keys()].join(", ")}.`,
      });
    }
    app.needs.forEach((need, index) => {
      const path = `apps.${name}.needs[${index}]`;
      if (isProvider(need)) {
        if (!running.includes(need)) {
          problems.push({
            path,
            message: `needs ${need}, which is off`,
            remedy: `Set ${need}.enabled to true or remove the need.`,
          });
        }
      } else if (!config.apps[need]) {
        const known = [...PROVIDERS, ...Object.keys(config.apps).filter((other) => other !== name)];
        problems.push({
          path,
          message: `expected one of ${known.join(", ")}, found "${need}"`,
          remedy: "Correct or remove it.",
        });
      } else if (reaches(config, need, name, new Set())) {
        problems.push({
          path,
          message: `${name} and ${need} need each other`,
          remedy: "Remove one of the needs.",
        });
      }
    });
    return problems;
  });
}

function reaches(config: StackConfig, from: string, to: string, seen: Set<string>): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return (config.apps[from]?.needs ?? []).some(
    (need) => need in config.apps && reaches(config, need, to, seen),
  );
}

function checkRoutes(config: StackConfig): Problem[] {
  const owners = new Map<string, string>();
  return Object.entries(config.apps).flatMap(([name, app]) =>
    app.routes.flatMap(({ path: route }, index): Problem[] => {
      const owner = owners.get(route);
      if (owner === undefined) owners.set(route, name);
      if (owner === undefined) return [];
      const path = `apps.${name}.routes[${index}].path`;
      return [
        {
          path,
          message: `"${route}" already goes to ${owner}`,
          remedy: "Give every path to one application.",
        },
      ];
    }),
  );
}

/** Images of the declared traffic, by tag: set-up resolves that of an application, but not these. */
function checkTraffic(stack: string, { releases, digests }: StackConfig): Problem[] {
  return Object.entries(releases).flatMap(([name, traffic]) =>
    traffic.flatMap(({ image }, index): Problem[] => {
      if (pin(image, digests)) return [];
      const remedy = "Write the image as repository@sha256:…";
      return [{ ...unpinned(stack, `releases.${name}[${index}].image`, image), remedy }];
    }),
  );
}

/** Images of applications without a recorded digest; where the traffic is declared, its images count. */
export function checkImages(stack: string, { apps, releases, digests }: StackConfig): Problem[] {
  return Object.entries(apps).flatMap(([name, { image }]): Problem[] =>
    releases[name] || pin(image, digests) ? [] : [unpinned(stack, `apps.${name}.image`, image)],
  );
}

/** An image without a recorded digest: a tag may move, so it is never deployed as such. */
export function unpinned(stack: string, path: string, image: string): Problem {
  return {
    path,
    message: `no digest is recorded for ${image}`,
    remedy: `npm run setup -- --stack ${stack} resolves and records it; or write the image as repository@sha256:…`,
  };
}
