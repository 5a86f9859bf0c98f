/** Paths in a capture initrd of the files that its init reads, without a leading slash, as in an archive. */
export const CAPTURE_FILES = {
  /** The folder of the files below. */
  folder: 'capture',
  /** A line for each target: kind, value and path, separated by tabs. */
  targets: 'targets',
  /** What to do at the end. */
  end: 'end',
  /** How long a disk may take to appear, in seconds. */
  patience: 'patience',
  /** The files of modules, one a line, in load order. */
  modules: 'modules',
  collector: 'collect.sh',
  /** The folder of modules. */
  moduleFolder: 'lib/modules',
} as const;
