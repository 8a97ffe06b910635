import assert from "node:assert/strict";
import { failuresInput, hasReceivers } from "../../../components/monitoring/failures.ts";
import type { HostInputs } from "../../../config/host/index.ts";
import { parsed } from "../../support/settings.ts";

describe("timers that fail where no monitoring runs", () => {
  const { notifications } = parsed({
    notifications: {
      slack: { channel: "#ops" },
      email: { to: ["a@b.test"], from: "c@b.test", host: "smtp.b.test", user: "c" },
    },
  }).config;

  it("are told of where somebody is declared", () => {
    assert.equal(hasReceivers(notifications), true);
    assert.equal(hasReceivers(parsed().config.notifications), false);
  });

  it("have a unit that notifies, with addresses that only root reads", () => {
    const input = failuresInput(
      { root: "/opt/shop", name: "shop" },
      notifications,
      (name) => `value of ${name}`,
    );
    const { files, directories } = input as HostInputs["files"];
    assert.deepEqual(directories, [{ path: "/opt/shop/secrets/notify", mode: "0700", purge: true }]);
    const byPath = Object.fromEntries(files!.map(({ path, mode, content }) => [path, { mode, content }]));
    assert.deepEqual(byPath["/opt/shop/secrets/notify/SLACK_WEBHOOK_URL"], {
      mode: "0400",
      content: "value of SLACK_WEBHOOK_URL",
    });
    assert.match(byPath["/etc/systemd/system/notify-fairlead@.service"]!.content, /fairlead notify failure/);
    for (const unit of ["certbot.service", "fairlead-.service"])
      assert.match(
        byPath[`/etc/systemd/system/${unit}.d/50-fairlead-notify.conf`]!.content,
        /OnFailure=notify-fairlead@%n.service/,
      );
    const settings = byPath["/etc/fairlead/notify.json"]!.content;
    assert.ok(!settings.includes("value of"), settings);
    assert.deepEqual(JSON.parse(settings), {
      system: "shop",
      channels: [
        { kind: "slack", url: "/opt/shop/secrets/notify/SLACK_WEBHOOK_URL", channel: "#ops" },
        {
          kind: "email",
          to: ["a@b.test"],
          from: "c@b.test",
          host: "smtp.b.test",
          port: 587,
          tls: true,
          user: "c",
          password: "/opt/shop/secrets/notify/SMTP_PASSWORD",
        },
      ],
    });
  });
});
