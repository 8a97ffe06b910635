import colors from "picocolors";
import type { Probe } from "../lib/probe.ts";
import type { UpResult } from "./up.ts";

/** What a person sees at the end of `npm run up`. */
export function summary(result: UpResult): string {
  const { outputs, stack, changed } = result;
  const trust = result.certificateFile ? `--cacert ${result.certificateFile} ` : "";
  const next = [
    `curl ${trust}${result.probes[0]?.url ?? outputs.url}`,
    outputs.ssh,
    `npm run down -- --stack ${stack}`,
  ];
  return [
    "",
    changed === 0 ? `Nothing changed; ${stack} is up.` : `${stack} is up: ${changed} resources changed.`,
    "",
    `  URL      ${colors.bold(outputs.url)}`,
    ...result.probes.map((one) => `  health   ${line(one)}`),
    `  releases ${releases(outputs)}`,
    `  images   ${outputs.images}`,
    `  time     ${result.seconds.toFixed(0)} s`,
    ...result.repaired.map((what) => `  repaired ${what}`),
    ...result.done.map((what) => `  note     ${what}`),
    "",
    "Next:",
    ...next.map((command) => `  ${command}`),
    "",
  ].join("\n");
}

function line({ app, ok, answer, milliseconds }: Probe): string {
  return `${ok ? colors.green("✓") : colors.red("✗")} ${app} ${answer} (${milliseconds} ms)`;
}

function releases({ releases: all }: UpResult["outputs"]): string {
  return Object.values(all)
    .flat()
    .map(({ release, weight }) => (weight === 100 ? release : `${release} (${weight})`))
    .join(", ");
}
