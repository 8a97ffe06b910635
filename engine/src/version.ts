/** The CLI version whose formats and behaviour the engine follows; written into checkpoints and reported to the SDK. */
export const VERSION = "v3.260.0";

/** How to get what this engine leaves out: the vendor's own package, which brings the official CLI. */
export const OFFICIAL_CLI = "the official Pulumi CLI (npm install -g pulumi)";
