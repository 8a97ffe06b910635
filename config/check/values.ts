import { namesFor } from "../given.ts";
import { nearest, type Problem } from "../problems.ts";
import type { App } from "../schema/app/index.ts";
import { secretsOf } from "../schema/app/secrets.ts";
import { isUnclosed, leftOver, namesIn } from "../values.ts";

/** Values that hold the name of nothing, or a variable that nobody fills in. */
export function checkValues(apps: Readonly<Record<string, App>>): Problem[] {
  return Object.entries(apps).flatMap(([name, app]) =>
    Object.entries(app.environment).flatMap(([variable, value]): Problem[] => {
      const path = `apps.${name}.environment.${variable}`;
      return [
        ...twice(name, app, variable),
        ...unclosed(path, value),
        ...unknownNames(name, path, value, namesFor(name, app)),
        ...shellVariables(path, value),
      ];
    }),
  );
}

/** A variable that a secret sets too: the application would get the one or the other. */
function twice(name: string, app: App, variable: string): Problem[] {
  const secret = secretsOf(app.secrets).find((one) =>
    [one.variable, ...(app.secretsAs === "file" ? [`${one.variable}_FILE`] : [])].includes(variable),
  );
  if (!secret) return [];
  const listed = `apps.${name}.${secret.path}`;
  return [
    {
      path: `apps.${name}.environment.${variable}`,
      message: `expected a name that no secret has, found ${variable}, which ${listed} sets too`,
      remedy: `Remove one of them; or, for a value with the secret in it, give the secret another name there: secrets: {OTHER_NAME: ${secret.secret}}.`,
    },
  ];
}

function unclosed(path: string, value: string): Problem[] {
  if (!isUnclosed(value)) return [];
  const message = "expected }} after the name, found {{ alone";
  return [{ path, message, remedy: "Close it; write {{{{ for two braces themselves." }];
}

function unknownNames(app: string, path: string, value: string, known: readonly string[]): Problem[] {
  return namesIn(value)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path,
      message: `expected a known name in {{…}}, found {{${name}}}`,
      remedy: `${suggestion(app, name, known)} Write {{{{ for two braces themselves.`,
    }));
}

/** What to do about a name that isn't known: list what it belongs to, or write another one. */
function suggestion(app: string, name: string, known: readonly string[]): string {
  const [group, part] = name.split(".");
  const absent = !known.some((other) => other.startsWith(`${group}.`));
  if (absent && (group === "database" || group === "cache")) return `Add ${group} to apps.${app}.needs.`;
  if (group === "secrets" && part !== undefined) return `Add ${part} to apps.${app}.secrets.`;
  const near = nearest(name, known);
  return `${near ? `Did you mean {{${near}}}? ` : ""}Known here: ${known.join(", ")}.`;
}

function shellVariables(path: string, value: string): Problem[] {
  const found = leftOver(value);
  if (found === undefined) return [];
  return [
    {
      path,
      message: `expected a value, found ${found}, which nothing fills in: a stack file takes no variables of a shell`,
      remedy: `Write the value itself, or a name such as {{domain}}; put what is secret under secrets. Write $${found} for that very text.`,
    },
  ];
}
