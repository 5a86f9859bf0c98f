/** The parts of `process` that identify the system. */
export type Host = Pick<NodeJS.Process, 'platform' | 'arch'>;

/** Whether this is the system that this project loads kernels on: Linux on arm64. */
export function isArm64Linux({ platform, arch }: Host = process): boolean {
  return platform === 'linux' && arch === 'arm64';
}
