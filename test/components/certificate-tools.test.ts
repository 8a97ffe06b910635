import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TOOLS = join(__dirname, "..", "..", "assets", "host");

/** The host tools' own checks on real pairs, made by the tools themselves. */
describe("a pair of certificate and key", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-pair-"));
  const file = (name: string): string => join(folder, name);
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a line of Python beside the tools; returns what it printed, or the HostError that it raised. */
  function python(line: string, ...args: string[]): string {
    const program = `import sys\nsys.path.insert(0, ${JSON.stringify(TOOLS)})\nfrom fairlead import acme, acme_errors, authority, certificate, pair, pem\nfrom fairlead.errors import HostError\nargs = sys.argv[1:]\ntry:\n  print(${line})\nexcept HostError as error:\n  print("refused:", error)\n`;
    const { stdout, stderr, status } = spawnSync("/usr/bin/python3", ["-B", "-", ...args], {
      input: program,
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  }

  const spec = (...names: string[]): string =>
    `{"tls": args[0], "domain": "a.test", "names": ${JSON.stringify(names)}}`;
  const make = (...names: string[]): string => python(`authority.issue(${spec(...names)}, args[0])`, folder);
  const check = (...names: string[]): string =>
    python(
      `pair.check(args[0], args[1], ${JSON.stringify(names)})`,
      file("fullchain.pem"),
      file("privkey.pem"),
    );

  before(() => {
    execFileSync("mkdir", ["-p", file("authority")]);
    chmodSync(folder, 0o700);
    make("a.test", "*.a.test", "b.test");
  });

  it("is accepted with every name that it has, those below a wildcard too", () => {
    assert.equal(check("a.test", "b.test", "*.a.test", "www.a.test"), "None");
    assert.equal(
      python("pem.names(pem.blocks(args[0])[0])", file("fullchain.pem")),
      "['*.a.test', 'a.test', 'b.test']",
    );
  });

  it("is refused without a name", () => {
    assert.match(
      check("a.test", "c.test"),
      /^refused: .*doesn't name c\.test; it names \*\.a\.test, a\.test, b\.test$/,
    );
    assert.match(check("x.y.a.test"), /^refused: /);
  });

  it("is refused with another key", () => {
    cpSync(file("authority/ca.key"), file("other.key"));
    const answer = python("pair.check(args[0], args[1], [])", file("fullchain.pem"), file("other.key"));
    assert.match(answer, /^refused: .*other\.key is not the key of /);
  });

  it("is refused when it is no certificate, or its chain is in the wrong order", () => {
    writeFileSync(file("empty.pem"), "nothing\n");
    assert.match(
      python("pair.check(args[0], args[1], [])", file("empty.pem"), file("privkey.pem")),
      /found none/,
    );
    const parts = [
      readFileSync(file("fullchain.pem"), "utf8"),
      readFileSync(file("authority/ca.pem"), "utf8"),
    ];
    writeFileSync(file("good.pem"), parts.join(""));
    writeFileSync(file("bad.pem"), [parts[0], parts[0]].join(""));
    const with_ = (name: string): string =>
      python("pair.check(args[0], args[1], [])", file(name), file("privkey.pem"));
    assert.equal(with_("good.pem"), "None");
    assert.match(with_("bad.pem"), /^refused: .*is not signed by the next one in it/);
  });

  it("of the server's own stays while its authority may sign for the names, and no longer", () => {
    const issued = (...names: string[]): string =>
      python(`authority.issued(${spec(...names)}, args[0] + "/fullchain.pem")`, folder);
    assert.equal(issued("a.test", "b.test"), "True");
    assert.equal(issued("a.test", "c.test"), "False");
    const before = readFileSync(file("authority/ca.pem"), "utf8");
    make("a.test", "www.a.test");
    assert.equal(
      readFileSync(file("authority/ca.pem"), "utf8"),
      before,
      "the same authority for names below",
    );
    const trusted = python(`authority.trusted(${spec("a.test", "c.test")})`, folder);
    assert.equal(trusted, before.trim(), "nobody has to trust a new one while it signs nothing for the name");
    make("a.test", "c.test");
    assert.notEqual(
      readFileSync(file("authority/ca.pem"), "utf8"),
      before,
      "it may not sign for another domain",
    );
    assert.equal(issued("a.test", "c.test"), "True");
  });

  it("that could not be renewed is one line of the log, as is every attempt", () => {
    const log = file("renew.log");
    python(
      '[setattr(certificate, "LOG", args[0]), certificate.log("failed: a.test\\n  dns, no A record\\n\\nWhat to do"), certificate.log("renewed")]',
      log,
    );
    assert.match(
      readFileSync(log, "utf8"),
      /^\S+Z failed: a\.test dns, no A record What to do\n\S+Z renewed\n$/,
    );
  });

  it("of an authority that refuses is explained by its own words and a remedy for each kind", () => {
    const output = [
      "Saving debug log to /var/log/letsencrypt/letsencrypt.log",
      "Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:",
      "  Domain: a.test",
      "  Type:   dns",
      "  Detail: no A record",
      "urn:ietf:params:acme:error:rateLimited :: too many",
    ].join("\n");
    const said = python(
      'acme_errors.explain(args[0], {"directory": "https://ca.test/dir", "challenge": "http-01"}, "The old one stays.")',
      output,
    );
    assert.match(said, /^https:\/\/ca\.test\/dir issued no certificate: dns, rateLimited\.\n/);
    assert.match(
      said,
      /Detail: no A record\n[^]*The old one stays\.\nWhat to do: Let the name's A[^]*What to do: Wait/,
    );
    assert.doesNotMatch(said, /debug log/);
  });

  it("of an authority that finds no record isn't explained by where the name leads", () => {
    const block = (name: string): string[] => [
      `  Domain: ${name}`,
      "  Type:   unauthorized",
      "  Detail: No TXT record found",
      "",
    ];
    const output = [
      "The Certificate Authority reported these problems:",
      ...block("a.test"),
      ...block("b.test"),
    ];
    const said = (plugin: string): string =>
      python(
        `acme_errors.explain(args[0], {"directory": "https://ca.test/dir", "challenge": "dns-01", "plugin": ${JSON.stringify(plugin)}}, "")`,
        output.join("\n"),
      );
    assert.match(said("ovh"), /What to do: .*NS records .*raise certificates\.dns\.propagation/);
    assert.doesNotMatch(said("ovh"), /leads to another server/);
    assert.match(said("route53"), /What to do: .*NS records [^,]*\.$/, "it waits by itself");
    assert.equal(said("ovh").match(/Detail: No TXT record found/g)!.length, 2, "one for each domain");
  });
});
