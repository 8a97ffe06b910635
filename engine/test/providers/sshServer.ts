import { pack } from "tar-stream";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:net";
import { daemon, PREFIX, sshImage } from "./daemon.ts";
import { keyPair } from "./keyPair.ts";

/** A throwaway server: sshd and a Docker client in a container that sees the engine's socket. */
export interface SshServer {
  port: number;
  /** OpenSSH private key that may log in as root. */
  privateKey: string;
  /** Public host key line. */
  hostKey: string;
  /** Logins so far. */
  logins(): Promise<number>;
  run(...command: string[]): Promise<string>;
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("data", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}

export async function startSshServer(): Promise<SshServer> {
  const user = keyPair();
  const host = keyPair();
  const container = await daemon.createContainer({
    name: `${PREFIX}-sshd`,
    Image: await sshImage(),
    ExposedPorts: { "22/tcp": {} },
    HostConfig: {
      Binds: ["/var/run/docker.sock:/var/run/docker.sock"],
      PortBindings: { "22/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
    },
  });
  const files = pack();
  files.entry({ name: "root/.ssh/", type: "directory", mode: 0o700 });
  files.entry({ name: "root/.ssh/authorized_keys", mode: 0o600 }, user.public);
  files.entry({ name: "etc/ssh/ssh_host_ed25519_key", mode: 0o600 }, host.private);
  files.entry({ name: "etc/ssh/ssh_host_ed25519_key.pub", mode: 0o644 }, host.public);
  files.finalize();
  await container.putArchive(Readable.from(files), { path: "/" });
  await container.start();
  const info = await container.inspect();
  const port = Number(info.NetworkSettings.Ports["22/tcp"]?.[0]?.HostPort);
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 50) throw new Error(`sshd at 127.0.0.1:${port} does not answer`);
    await sleep(100);
  }
  return {
    port,
    privateKey: user.private,
    hostKey: host.public,
    async logins() {
      const logs = (await container.logs({ stdout: true, stderr: true, follow: false })).toString("latin1");
      return logs.split("Accepted publickey").length - 1;
    },
    async run(...command) {
      const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true });
      const stream = await exec.start({ Tty: true });
      const parts: Buffer[] = [];
      for await (const chunk of stream) parts.push(chunk as Buffer);
      return Buffer.concat(parts).toString("utf8").replaceAll("\r\n", "\n").trim();
    },
  };
}
