/** The options of preview, up, refresh and destroy. */
export interface Flags {
  stack?: string;
  configFile?: string;
  yes?: boolean;
  skipPreview?: boolean;
  json?: boolean;
  diff?: boolean;
  target?: string[];
  targetDependents?: boolean;
  parallel: string;
  refresh?: boolean | string;
  expectNoChanges?: boolean;
  eventLog?: string;
  message?: string;
  execKind?: string;
  showSecrets?: boolean;
  clearPendingCreates?: boolean;
}
