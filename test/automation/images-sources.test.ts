import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_MIRRORS, mirrorsOf, sourceLines } from "../../automation/images/apt-sources.ts";
import { mmdebstrapArguments } from "../../automation/images/base.ts";
import { environmentProxies, parseAptProxies } from "../../automation/images/machine.ts";

const DEB822 = `Types: deb deb-src
# a comment
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`;

describe("package sources of the machine", () => {
  const cases: [string, Record<string, string>, unknown][] = [
    ["none", {}, DEFAULT_MIRRORS],
    [
      "deb822",
      { "/etc/apt/sources.list.d/debian.sources": DEB822 },
      { archive: "http://mirror.example/debian", security: "http://mirror.example/debian-security" },
    ],
    [
      "one line each",
      {
        "/etc/apt/sources.list":
          "# deb http://old.example/debian bookworm main\ndeb [arch=amd64] https://m.example/debian bookworm main # x\n" +
          "deb https://m.example/debian-security bookworm-security main\n",
      },
      { archive: "https://m.example/debian", security: "https://m.example/debian-security" },
    ],
    [
      "a mirror with a name of its own, known by Debian's key",
      {
        "/etc/apt/sources.list":
          "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://m.example/d12 bookworm main",
      },
      { archive: "http://m.example/d12", security: undefined },
    ],
    [
      "Debian's server without security updates",
      { "/etc/apt/sources.list": "deb http://deb.debian.org/debian bookworm main" },
      DEFAULT_MIRRORS,
    ],
    [
      "others' packages for Debian",
      {
        "/etc/apt/sources.list.d/others.list":
          "deb https://apt.others.example bookworm main\ndeb https://download.docker.com/linux/debian bookworm stable\n" +
          "deb https://apt.postgresql.example/pub/repos/apt bookworm-pgdg main\n",
      },
      DEFAULT_MIRRORS,
    ],
    [
      "a switched-off source",
      {
        "/etc/apt/sources.list.d/debian.sources": DEB822.replace(
          "Types: deb deb-src",
          "Enabled: no\nTypes: deb",
        ),
      },
      DEFAULT_MIRRORS,
    ],
    ["a CD", { "/etc/apt/sources.list": "deb cdrom:[Debian]/debian bookworm main" }, DEFAULT_MIRRORS],
    [
      "another system",
      { "/etc/apt/sources.list": "deb http://archive.ubuntu.com/ubuntu noble main" },
      DEFAULT_MIRRORS,
    ],
  ];
  for (const [what, files, expected] of cases) {
    it(`${what}`, () => assert.deepEqual(mirrorsOf(files), expected));
  }

  it("never make the reader fail", () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (text, list) => {
        const { archive } = mirrorsOf({ [list ? "a.list" : "a.sources"]: text });
        assert.match(archive, /^https?:/);
      }),
    );
  });

  it("become the lines of another release", () => {
    assert.deepEqual(
      sourceLines("trixie", { archive: "http://a/debian", security: "http://s/debian-security" }),
      [
        "deb http://a/debian trixie main",
        "deb http://a/debian trixie-updates main",
        "deb http://s/debian-security trixie-security main",
      ],
    );
    assert.equal(sourceLines("trixie", { archive: "http://a/debian" }).length, 2);
  });
});

describe("proxy of the machine", () => {
  it("comes from the environment, in lower case first", () => {
    const env = {
      HTTP_PROXY: "http://a:1",
      http_proxy: "http://b:2",
      HTTPS_PROXY: "http://c:3",
      NO_PROXY: "",
    };
    assert.deepEqual(environmentProxies(env), { http_proxy: "http://b:2", https_proxy: "http://c:3" });
  });

  it("comes from apt's configuration", () => {
    const output = "http_proxy='http://apt:3142'\nhttps_proxy='DIRECT'\n";
    assert.deepEqual(parseAptProxies(output), { http_proxy: "http://apt:3142" });
    assert.deepEqual(parseAptProxies(""), {});
  });

  it("reaches mmdebstrap as an option of apt, and https brings certificates", () => {
    const access = {
      mirrors: { archive: "https://m.example/debian" },
      proxies: { http_proxy: "http://apt:3142", no_proxy: "m.example" },
    };
    const args = mmdebstrapArguments("trixie", "/images/base", access);
    assert.ok(args.includes('--aptopt=Acquire::http::Proxy "http://apt:3142"'));
    assert.ok(args.includes("--include=ca-certificates"));
    assert.ok(args.includes("--customize-hook=/images/base/customize.sh"));
    assert.deepEqual(args.slice(-4), ["trixie", "-", ...sourceLines("trixie", access.mirrors)]);
    const plain = mmdebstrapArguments("trixie", "/images/base", { mirrors: DEFAULT_MIRRORS, proxies: {} });
    assert.ok(!plain.some((arg) => /Proxy|ca-certificates/.test(arg)));
  });
});
