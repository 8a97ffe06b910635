import ssh2 from "ssh2";

/** A key pair that can be used: one in two hundred that ssh2 1.17.0 generates can't be read again. */
export function keyPair(): { private: string; public: string } {
  for (;;) {
    const found = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(found.private) instanceof Error)) return found;
  }
}
