/** Where a capture initrd keeps what its init goes by; none begins with a slash, as in an archive. */
export const CAPTURE_FILES = {
  /** The folder of the next ones. */
  folder: 'capture',
  /** A line for each target: kind, value and path, with tabs between them. */
  targets: 'targets',
  /** What to do at the end. */
  end: 'end',
  /** Seconds that a disk may take to be there. */
  patience: 'patience',
  /** The files of modules, a line each, in the order in which they are loaded. */
  modules: 'modules',
  collector: 'collect.sh',
  /** The folder of modules. */
  moduleFolder: 'lib/modules',
} as const;
