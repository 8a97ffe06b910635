import { pin } from "../images.ts";
import { nearest, type Problem } from "../problems.ts";
import type { StackConfig } from "../schema/index.ts";

/** Traffic for an unknown application, and the same release declared twice. */
export function checkReleases(stack: string, { apps, releases, digests }: StackConfig): Problem[] {
  const known = Object.keys(apps);
  return Object.entries(releases).flatMap(([name, traffic]): Problem[] => {
    const near = nearest(name, known);
    if (!known.includes(name))
      return [
        {
          path: `releases.${name}`,
          message: `expected one of ${known.join(", ")}, found "${name}"`,
          remedy: `${near ? `Did you mean "${near}"? ` : ""}Correct or remove it in Pulumi.${stack}.yaml.`,
        },
      ];
    // Two entries are the same release when their digests are: a tag may stand for the same image.
    const pinned = traffic.map(({ image }) => pin(image, digests) ?? image);
    return traffic.flatMap(({ image }, index): Problem[] => {
      const first = pinned.indexOf(pinned[index]!);
      if (first === index) return [];
      return [
        {
          path: `releases.${name}[${index}].image`,
          message: `expected another image than that of releases.${name}[${first}], found the same, "${image}"`,
          remedy: `Make them one entry with the weights added up, or correct the image, in Pulumi.${stack}.yaml.`,
        },
      ];
    });
  });
}
