import { writeAtomically } from "../../../automation/lib/files.ts";

/** Writes two texts over each other until it is killed: `write-on.ts FILE BYTES`. */
const [file = "", bytes = "0"] = process.argv.slice(2);
process.stdout.write("ready\n");
for (;;) for (const letter of ["a", "b"]) writeAtomically(file, letter.repeat(Number(bytes)));
