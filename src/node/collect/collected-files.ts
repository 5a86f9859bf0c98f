/** Collected files by name. Files in a folder have names such as `device-tree/cpus/cpu@0/reg`. */
export type CollectedFiles = ReadonlyMap<string, Uint8Array>;
