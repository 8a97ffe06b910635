import { randomBytes } from "node:crypto";
import { sshKey } from "../../components/host/ssh-key.ts";

/** A key pair as a stack makes its own. One in two hundred that ssh2 1.17.0 generates can't be read again. */
export function keyPair(): { private: string; public: string } {
  const { privateKey, publicKey } = sshKey(randomBytes(32).toString("base64"));
  return { private: privateKey, public: publicKey };
}
