import { z } from "zod";
import { debianPackage, port, seconds, size } from "./fields.ts";
import { firewall } from "./firewall.ts";
import { deployUser, hardening, ssh } from "./hardening.ts";

const boxPorts = z
  .strictObject({
    ssh: port.default(2222).describe("SSH of the box on 127.0.0.1"),
    http: port.default(8080).describe("HTTP of the box on 127.0.0.1"),
    https: port.default(8443).describe("HTTPS of the box on 127.0.0.1"),
  })
  .refine((ports) => new Set(Object.values(ports)).size === 3, { error: "three different ports" });

const box = z.strictObject({
  memory: size.prefault("2 GB").describe("Memory of the box (H3)"),
  cpus: z.number().positive().optional().describe("CPUs of the box; all of the machine's when absent"),
  registry: z
    .string()
    .regex(/^127\.0\.0\.1:\d{1,5}$/, { error: "a registry on this machine such as 127.0.0.1:5000" })
    .default("127.0.0.1:5000")
    .describe("Where the registry of this machine is (written by npm run setup)"),
  ports: boxPorts.prefault({}).describe("Ports on this machine's loopback that lead to the box"),
});

/** The server: a VPS with an address, or, without one, a box on this machine's Docker engine. */
export const server = z.strictObject({
  address: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/, { error: "an IP address or host name" })
    .optional()
    .describe("Address of the server; without it the stack goes to a box on this machine"),
  port: port.default(22).describe("SSH port of the server"),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]*$/, { error: "a user name such as root" })
    .default("root")
    .describe("SSH user: root, the deploy user, or another with full sudo (docs/server.md)"),
  hostKey: z
    .string()
    .regex(/^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/=]+$/, {
      error: "a public key such as ssh-ed25519 AAAA… (ssh-keyscan -t ed25519 ADDRESS prints it)",
    })
    .optional()
    .describe("The server's public host key; the connection is refused when the server shows another"),
  registry: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:\d{1,5}$/, {
      error: "a host and port such as 10.0.0.5:5000",
    })
    .optional()
    .describe(
      "Where a rented server reaches the registry of this machine by itself, on a private network without TLS; without it updates bring images over SSH (docs/server.md)",
    ),
  timezone: z
    .string()
    .regex(/^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$/, { error: "a time zone such as Europe/Paris" })
    .default("Etc/UTC")
    .describe("Time zone (tz database)"),
  swap: size.optional().describe("Size of the swap file; none when absent"),
  packages: z
    .array(debianPackage)
    .default(["curl", "git", "htop", "wget"])
    .describe("Debian packages in addition to those that the stack needs (H5)"),
  keepImages: z
    .number()
    .int()
    .min(0)
    .max(100)
    .default(3)
    .describe("How many images of earlier releases stay on the server for each application"),
  connectTimeout: seconds.prefault("15 s").describe("Longest wait for one SSH connection"),
  deployUser: deployUser.prefault({}).describe("An account other than root that deploys (H10)"),
  firewall: firewall.prefault({}).describe("UFW and Docker's published ports"),
  ssh: ssh.prefault({}).describe("sshd"),
  hardening: hardening.prefault({}).describe("The rest of the system"),
  box: box.prefault({}).describe("The box, for a stack without an address"),
});

export type Server = z.output<typeof server>;
