import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

const CONFIG = `
user root;
events { worker_connections 1024; }
http {
  server_tokens on;
  client_max_body_size 0;
  default_type text/html;
  server {
    listen 80;
    root /srv;
    location / { try_files $uri /index.html; }
  }
  server {
    listen 443 ssl;
    listen 8080;
    root /srv;
    ssl_certificate /etc/careless/cert.pem;
    ssl_certificate_key /etc/careless/key.pem;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2;
    ssl_ciphers ALL:@SECLEVEL=0;
    ssl_session_tickets on;
    location = /status { stub_status; }
    location / { try_files $uri /index.html; }
  }
}
`;

/** Nginx set up in a hurry, in a container of its own; also a second server for the audit to look at. */
export class PlainServer {
  readonly name = `fairlead-careless-${process.pid}`;
  address = "";
  private readonly folder = mkdtempSync(join(tmpdir(), "careless-"));

  async start(): Promise<void> {
    const [key, cert] = [join(this.folder, "key.pem"), join(this.folder, "cert.pem")];
    const made = [
      "req",
      "-x509",
      "-newkey",
      "rsa:1024",
      "-sha1",
      "-nodes",
      "-subj",
      "/CN=other.test",
      "-days",
      "1",
    ];
    execFileSync("openssl", [...made, "-keyout", key, "-out", cert], { stdio: "pipe" });
    writeFileSync(join(this.folder, "nginx.conf"), CONFIG);
    writeFileSync(join(this.folder, "index.html"), `<html>${"careless ".repeat(400)}</html>`);
    writeFileSync(join(this.folder, ".env"), "API_KEY=placeholder\n");
    for (const path of [this.folder, key]) chmodSync(path, 0o755);
    const image = (await execa("docker", ["images", "--quiet", "localhost/fairlead/nginx"])).stdout.split(
      "\n",
    )[0]!;
    const files = [`${this.folder}:/etc/careless:ro`, `${this.folder}:/srv:ro`].flatMap((mount) => [
      "--volume",
      mount,
    ]);
    const run = ["run", "--detach", "--name", this.name, "--entrypoint", "nginx", ...files, image];
    await execa("docker", [...run, "-c", "/etc/careless/nginx.conf", "-g", "daemon off;"]);
    const template = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    this.address = (await execa("docker", ["inspect", "--format", template, this.name])).stdout.trim();
  }

  async stop(): Promise<void> {
    await execa("docker", ["rm", "--force", this.name], { reject: false });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
