import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A self-signed pair for a name, made in a folder; `more` are further arguments of `openssl req`. */
export function pair(
  folder: string,
  name: string,
  key: readonly string[] = ["-newkey", "rsa:2048"],
  ...more: string[]
): { key: string; cert: string } {
  const [keyFile, certFile] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const request = ["req", "-x509", ...key, "-nodes", "-days", "30", "-subj", `/CN=${name}`, ...more];
  execFileSync("openssl", [...request, "-keyout", keyFile, "-out", certFile], { stdio: "pipe" });
  return { key: readFileSync(keyFile, "utf8"), cert: readFileSync(certFile, "utf8") };
}
