/**
 * Whoever works with stacks has said in the shell where they are and how they open (README, Day to day). Tests and bench
 * have stacks of their own: they would otherwise keep them in a person's backend, or open nothing.
 */
for (const name of Object.keys(process.env)) if (name.startsWith("PULUMI_")) delete process.env[name];
