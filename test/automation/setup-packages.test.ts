import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { remedyElsewhere, type Package } from "../../automation/setup/packages.ts";

const SSH: Package = {
  name: "openssh-client",
  provides: "ssh",
  elsewhere: { brew: "openssh", dnf: "openssh-clients" },
};
const BOOTSTRAP: Package = { name: "mmdebstrap", provides: "mmdebstrap", debian: true };

describe("what to type where a program is missing and there is no apt", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "fairlead-path-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A machine with that package manager. */
  function having(manager: string): string[] {
    writeFileSync(join(folder, manager), "");
    chmodSync(join(folder, manager), 0o755);
    return [folder];
  }

  it("is brew's command on macOS", () => {
    assert.match(remedyElsewhere([SSH], having("brew")), /^Type: brew install openssh, and/);
  });

  it("is dnf's on Fedora", () => {
    assert.match(remedyElsewhere([SSH], having("dnf")), /^Type: sudo dnf install openssh-clients, and/);
  });

  it("is Debian's name where the system has no such package, with the stacks that need none of it", () => {
    const remedy = remedyElsewhere([SSH, BOOTSTRAP], having("dnf"));
    assert.match(
      remedy,
      /^Type: sudo dnf install openssh-clients\. Also install what Debian calls mmdebstrap /,
    );
    assert.match(remedy, /images: official and applications of your own needs none of them\.$/);
    const unknown = remedyElsewhere([SSH], [folder + "/none"]);
    assert.match(unknown, /^Install what Debian calls openssh-client in this machine's own way/);
    assert.doesNotMatch(unknown, /images: official/);
  });
});
