import assert from "node:assert/strict";
import { stringify } from "yaml";
import type { Conversion } from "../../../automation/import/convert.ts";
import { at, importedFrom } from "./support.ts";

const file = (services: object): string => stringify({ services });
const db = (password: string): object => ({
  image: "postgres:15",
  environment: { POSTGRES_PASSWORD: password },
});

describe("an import of a file that includes others", () => {
  const read = (include: unknown, files: Record<string, string>): Conversion =>
    importedFrom({ include }, { files });
  const web = { image: "me/web:${TAG:-none}", ports: ["80"], environment: { DB_HOST: "db" } };

  it("takes their services together, and files of one entry over each other", () => {
    const { settings } = read([{ path: ["one.yaml", "over.yaml"] }, "two.yaml"], {
      "one.yaml": file({ web, db: db("p") }),
      "over.yaml": file({ db: db("another") }),
      "two.yaml": file({ blog: { image: "me/blog:1", ports: ["81"] } }),
    });
    assert.deepEqual(Object.keys(at(settings, "apps") as object), ["web", "blog"]);
  });

  it("fills in the variables of the included file's own .env", () => {
    const { settings } = read(["one.yaml"], { "one.yaml": file({ web }), ".env": "TAG=7" });
    assert.equal(at(settings, "apps.web.image"), "me/web:7");
    const other = read([{ path: "one.yaml", env_file: "other.env" }], {
      "one.yaml": file({ web }),
      "other.env": "TAG=8",
    });
    assert.equal(at(other.settings, "apps.web.image"), "me/web:8");
  });

  it("refuses a service that two of them have, and that differs, as Compose does", () => {
    const files = { "one.yaml": file({ db: db("p") }), "two.yaml": file({ web, db: db("q") }) };
    assert.throws(
      () => read(["one.yaml", "two.yaml"], files),
      /gets services\.db twice, with different content/,
    );
    const same = { "one.yaml": file({ db: db("p") }), "two.yaml": file({ web, db: db("p") }) };
    assert.doesNotThrow(() => read(["one.yaml", "two.yaml"], same));
  });
});
