import { fail, pass, skip, type Verdict } from "../check.ts";
import { family } from "../family.ts";
import { answer, type Answer } from "../inside/look.ts";

/** What the real programs say about the configuration that they run with. */
export interface ConfigurationEvidence {
  nginx: Answer;
  /** The whole configuration of Nginx as it reads it. */
  nginxText: string;
  haproxy: Answer;
  sshd: Answer;
}

export const configuration = family<ConfigurationEvidence>({
  title: "Configuration",
  source: {
    where: "inside",
    ask: ({ name }) => ({
      nginx: {
        run: ["docker", "exec", `${name}_nginx`, "nginx", "-T", "-c", "/etc/fairlead/live/nginx.conf"],
      },
      haproxy: {
        run: [
          "docker",
          "exec",
          `${name}_switch`,
          "haproxy",
          "-c",
          "-f",
          "/usr/local/etc/haproxy/haproxy.cfg",
          "-f",
          "/usr/local/etc/haproxy/conf.d",
        ],
      },
      sshd: { run: ["sshd", "-t"] },
    }),
    read: (answers) => {
      const nginx = answer(answers, "nginx");
      return {
        nginx: { ...nginx, out: "" },
        nginxText: nginx.out,
        haproxy: answer(answers, "haproxy"),
        sshd: answer(answers, "sshd"),
      };
    },
  },
  checks: [
    {
      id: "configuration.nginx",
      title: "Nginx accepts its configuration: a reload or restart would work",
      severity: "high",
      requirements: ["O21", "O4"],
      remedy:
        "docker exec <name>_nginx nginx -t -c /etc/fairlead/live/nginx.conf names the line; npm run up puts the files back.",
      judge: ({ nginx }) => accepted(nginx),
    },
    {
      id: "configuration.routes",
      title: "Nginx has the declared parts: upstreams, redirect, headers",
      severity: "medium",
      requirements: ["O21"],
      remedy: "npm run up puts the files back.",
      judge: ({ nginxText, nginx }) => {
        if (nginx.code !== 0) return skip("the configuration isn't accepted");
        const parts = {
          upstream: /^\s*upstream /m,
          redirect: /return 301 https:/,
          headers: /add_header Strict-Transport-Security/,
        };
        const missing = Object.entries(parts)
          .filter(([, pattern]) => !pattern.test(nginxText))
          .map(([part]) => `no ${part}`);
        return missing.length > 0
          ? fail(missing.join("; "))
          : pass(`${(nginxText.match(/^\s*upstream /gm) ?? []).length} upstreams, redirect, headers`);
      },
    },
    {
      id: "configuration.haproxy",
      title: "HAProxy accepts its configuration",
      severity: "high",
      requirements: ["O21"],
      remedy: "docker exec <name>_switch haproxy -c … names the line; npm run up puts the files back.",
      judge: ({ haproxy }) => accepted(haproxy),
    },
    {
      id: "configuration.sshd",
      title: "sshd accepts its configuration: it would start after a reboot",
      severity: "critical",
      requirements: ["H10", "O29"],
      remedy: "sshd -t names the line.",
      judge: ({ sshd }) => accepted(sshd),
    },
  ],
});

function accepted({ code, err, out }: Answer): Verdict {
  if (code === 0) return pass("accepted");
  const words =
    (err.trim() || out.trim()).split("\n").find((line) => /emerg|ALERT|error|line|No such/i.test(line)) ??
    err.trim().split("\n")[0];
  return fail((words ?? "").slice(0, 200) || `exit code ${code}`);
}
