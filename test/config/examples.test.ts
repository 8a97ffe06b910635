import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as yaml } from "yaml";
import { check } from "../../config/check/index.ts";
import { parse } from "../../config/parse.ts";

const EXAMPLES = join(__dirname, "../../examples");
/** What each of them needs to be set beside its file. */
const SECRETS = {
  "maicivy/Pulumi.prod.yaml": [],
  "maicivy/Pulumi.staging.yaml": [],
  "maicivy/Pulumi.rented.yaml": [
    "CLAUDE_API_KEY",
    "OPENAI_API_KEY",
    "GRAFANA_ADMIN_PASSWORD",
    "METRICS_PASSWORD",
    "GHCR_TOKEN",
    "SLACK_WEBHOOK_URL",
    "SMTP_PASSWORD",
  ],
  "ecosyste/Pulumi.prod.yaml": ["REGISTRY_TOKEN", "ALERT_WEBHOOK_URL"],
  "luneo/Pulumi.prod.yaml": [
    "JWT_SECRET",
    "STRIPE_SECRET_KEY",
    "SENTRY_DSN",
    "GHCR_TOKEN",
    "SLACK_WEBHOOK_URL",
    "DISCORD_WEBHOOK_URL",
  ],
};

/** Paths of the problems of an example with these secrets. */
function problems(example: string, secrets: string[]): string[] {
  const file = readFileSync(join(EXAMPLES, example), "utf8");
  const { config } = yaml(file) as { config: Record<string, unknown> };
  const raw = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const set = secrets.map((name) => [`fairlead:${name}`, "a secret of this example"]);
  const parsed = parse("fairlead", "prod", Object.fromEntries([...raw, ...set]) as Record<string, string>);
  return check("prod", parsed.config, parsed.secrets).map(({ path }) => path);
}

describe("the examples", () => {
  for (const [example, secrets] of Object.entries(SECRETS)) {
    it(`have no problem in ${example}`, () => assert.deepEqual(problems(example, secrets), []));
  }

  it("name the secrets that are not set", () =>
    assert.deepEqual(problems("luneo/Pulumi.prod.yaml", ["JWT_SECRET"]), [
      "apps.backend.secrets[1]",
      "apps.backend.secrets[2]",
      "registries.ghcr.io.password",
      "notifications.slack.url",
      "notifications.discord.url",
    ]));
});
