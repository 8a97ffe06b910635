import type { Breakage, Scene } from "./breakage.ts";

const DAY = 86_400_000;

/** A certificate with a begin and an end of its own; openssl's other commands only know one that begins now. */
const MAKE = `cd "$(mktemp -d)"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out request.pem -subj /CN=bench 2>/dev/null
touch index
echo 01 >serial
cat >ca.cnf <<'END'
[ca]
default_ca = own
[own]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
[any]
commonName = supplied
END
openssl ca -batch -notext -config ca.cnf -selfsign -keyfile key.pem -in request.pem -startdate "$2" -enddate "$3" -out made.pem 2>/dev/null
mv -T made.pem "$1/fullchain.pem"`;

/** `20261127140000Z`. */
const moment = (time: number): string =>
  `${new Date(time).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;

/** In place of the edge's file lies one whose life ends: what Nginx has read stays as it was. */
export function dying({ stack }: Pick<Scene, "stack">, severity: string, left: number): Breakage {
  const folder = `${stack.root}/tls/edge`;
  return {
    how: `a certificate of 100 days with ${left} left`,
    alerts: [{ alert: "CertificateExpiring", labels: { severity } }],
    break: () => {
      const [from, to] = [Date.now() - (100 - left) * DAY, Date.now() + left * DAY].map(moment);
      return stack.script(MAKE, folder, from!, to!);
    },
    mend: () => stack.run(["ln", "-sfnT", "current/fullchain.pem", `${folder}/fullchain.pem`]),
  };
}
