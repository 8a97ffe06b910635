import { check, fail, none, pass, skip, type Verdict } from "../check.ts";
import { inside } from "../family.ts";
import { answer, type Answer } from "../inside/look.ts";

/** What the real programs say about the configuration that they run with. */
export interface ConfigurationEvidence {
  nginx: Answer;
  /** The whole configuration of Nginx as it reads it. */
  nginxText: string;
  haproxy: Answer;
  sshd: Answer;
}

export const configuration = inside<ConfigurationEvidence>({
  title: "Configuration",
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
  checks: [
    check({
      id: "configuration.nginx",
      title: "Nginx accepts its configuration: a reload or restart would work",
      severity: "high",
      requirements: ["O21", "O4"],
      remedy:
        "docker exec <name>_nginx nginx -t -c /etc/fairlead/live/nginx.conf names the line; npm run up puts the files back.",
      judge: ({ nginx }) => accepted(nginx),
    }),
    check({
      id: "configuration.routes",
      title:
        "Nginx has the declared parts: an upstream for each application, a redirect for each name, headers",
      severity: "medium",
      requirements: ["O21"],
      remedy: "npm run up puts the files back.",
      judge: ({ nginxText, nginx }, { names, stack }) => {
        if (nginx.code !== 0) return skip("the configuration isn't accepted");
        const upstreams = [...nginxText.matchAll(/^\s*upstream (\S+)/gm)].map(([, name]) => name!);
        const redirected = redirects(nginxText);
        const wanted = stack?.upstreams ?? [];
        const missing = [
          ...wanted.filter((app) => !upstreams.includes(app)).map((app) => `no upstream for ${app}`),
          ...(upstreams.length === 0 && wanted.length === 0 ? ["no upstream"] : []),
          ...names.filter((name) => !redirected.includes(name)).map((name) => `no redirect for ${name}`),
          ...HEADERS.filter((name) => !new RegExp(`^\\s*add_header ${name} `, "m").test(nginxText)).map(
            (name) => `no header ${name}`,
          ),
        ];
        return none(missing, `${upstreams.length} upstreams, ${redirected.length} names redirected, headers`);
      },
    }),
    check({
      id: "configuration.proxies",
      title: "Lists of trusted proxies are less than a year old",
      severity: "low",
      requirements: ["E24"],
      remedy:
        "Compare the list with its source, both in config/proxies.ts, or update this project, and run npm run up.",
      judge: (_, { stack }) => {
        const lists = (stack?.proxies ?? []).filter(({ days }) => days !== undefined);
        if (!stack) return skip("the trusted proxies are known of a stack only (--stack)");
        const old = lists.filter(({ days }) => days! >= 365);
        return none(
          old.map(({ name, days }) => `${name}: ${days} days old`),
          lists.length > 0
            ? lists.map(({ name, days }) => `${name}: ${days} days`).join(", ")
            : "none in use",
        );
      },
    }),
    check({
      id: "configuration.haproxy",
      title: "HAProxy accepts its configuration",
      severity: "high",
      requirements: ["O21"],
      remedy: "docker exec <name>_switch haproxy -c … names the line; npm run up puts the files back.",
      judge: ({ haproxy }) => accepted(haproxy),
    }),
    check({
      id: "configuration.sshd",
      title: "sshd accepts its configuration: it would start after a reboot",
      severity: "critical",
      requirements: ["H10", "O29"],
      remedy: "sshd -t names the line.",
      judge: ({ sshd }) => accepted(sshd),
    }),
  ],
});

/** The headers of the row: E11, E13, E15. */
const HEADERS = ["Strict-Transport-Security", "X-Frame-Options", "X-Content-Type-Options"];

/** Names that a server on port 80 redirects to HTTPS. */
function redirects(text: string): string[] {
  return text
    .split(/^\s*server \{/m)
    .slice(1)
    .filter((block) => /^\s*listen 80\b/m.test(block) && /^\s*return 301 https:/m.test(block))
    .flatMap((block) => /^\s*server_name ([^;]+);/m.exec(block)?.[1]?.trim().split(/\s+/) ?? []);
}

function accepted({ code, err, out }: Answer): Verdict {
  if (code === 0) return pass("accepted");
  const words =
    (err.trim() || out.trim()).split("\n").find((line) => /emerg|ALERT|error|line|No such/i.test(line)) ??
    err.trim().split("\n")[0];
  return fail((words ?? "").slice(0, 200) || `exit code ${code}`);
}
