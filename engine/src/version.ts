/** The CLI version whose formats and behaviour the engine follows; written into checkpoints and told to the SDK. */
export const VERSION = "v3.260.0";

/** Where to get what this engine leaves out. */
export const OFFICIAL_CLI = "https://www.pulumi.com/docs/install/";
