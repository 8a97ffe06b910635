import { none, pass, skip, type Judge } from "../../check.ts";
import { nameOf, type Container, type DockerEvidence } from "./container.ts";

/** What is wrong with a container, each thing by a short name; false or nothing for what is right. */
type Find = (
  container: Container,
  evidence: DockerEvidence,
) => string | readonly string[] | false | undefined;

/**
 * Judges each container by what is found in it; what is declared as an exception is left out, and its reason shown.
 * @param spell the names, joined, as the report says them
 */
export function eachContainer(find: Find, spell = (names: string): string => names): Judge<DockerEvidence> {
  return (evidence, { exceptions }, id) => {
    if (evidence.containers.length === 0) return skip("no container runs");
    const reasons = new Set<string>();
    const faults = evidence.containers.flatMap((container) => {
      const name = nameOf(container);
      const wrong = [find(container, evidence) || []].flat().filter((thing) => {
        const exception = exceptions.find(
          (one) =>
            one.check === id && (one.container ?? name) === name && (one.allowed?.includes(thing) ?? true),
        );
        if (exception) reasons.add(exception.why);
        return !exception;
      });
      return wrong.length > 0 ? [`${name}: ${spell(wrong.join(", "))}`] : [];
    });
    const verdict = none(faults, `${evidence.containers.length} containers`);
    if (verdict.result !== "pass" || reasons.size === 0) return verdict;
    return pass(`${verdict.found}; by design ${[...reasons].join("; ")}`);
  };
}
