import type { Machine } from '../../machine/machine-value.js';

/** The parts of `process` that identify the system. */
export type Host = Pick<NodeJS.Process, 'platform' | 'arch'>;

/** The architectures by Node's names of their CPUs. */
const ARCHITECTURES: Readonly<Partial<Record<NodeJS.Architecture, Machine['architecture']>>> = {
  arm64: 'arm64',
  x64: 'x86_64',
};

/** The architecture of the machine that this runs on. @returns undefined if such machines cannot be recorded */
export function findHostArchitecture({
  platform,
  arch,
}: Host = process): Machine['architecture'] | undefined {
  return platform === 'linux' ? ARCHITECTURES[arch] : undefined;
}
