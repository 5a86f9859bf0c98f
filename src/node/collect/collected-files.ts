/** Collected files by their names; what lies in a folder has a name such as `device-tree/cpus/cpu@0/reg`. */
export type CollectedFiles = ReadonlyMap<string, Uint8Array>;
