/** The names of the files that `preflight` finds in folders. */

/** Machine files. */
export const MACHINE_NAME = /\.json$/;

/** Fleet files, and JSON Lines of machine files. */
export const PACKED_NAME = /\.ndjson(\.zst|\.gz)?$/;
