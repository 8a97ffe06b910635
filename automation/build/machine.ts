import { UserError } from "../lib/errors.ts";

/** A server's processor as Docker names it: `amd64`, `arm64`. */
export type Architecture = string;

/** What `uname -m` says, and Docker's name for it (OCI image specification, Go's GOARCH). */
const NAMES: Readonly<Record<string, Architecture>> = {
  x86_64: "amd64",
  amd64: "amd64",
  aarch64: "arm64",
  arm64: "arm64",
  armv7l: "arm",
  riscv64: "riscv64",
  ppc64le: "ppc64le",
  s390x: "s390x",
};

/**
 * Docker's name for a machine.
 * @param machine what `uname -m` printed
 * @throws UserError for one that it doesn't know
 */
export function architectureOf(machine: string): Architecture {
  const name = NAMES[machine.trim()];
  if (name) return name;
  throw new UserError(
    `The server's processor is ${machine.trim() || "unknown"}, for which no images are built here.`,
    `Known are ${Object.keys(NAMES).join(", ")}; build the image elsewhere and name it with --image.`,
  );
}
