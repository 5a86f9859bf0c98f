import { ODD_KERNELS } from './kernels.js';
import type { Load } from './scenario.js';

const KIB = 1024;
const MIB = 1024 * KIB;

const SHORT = 'console=ttyAMA0';
const LONG = `console=ttyAMA0 ${'x'.repeat(1900)}`;

/** Ordinary loads. */
const ORDINARY: readonly Omit<Load, 'type'>[] = [
  { kernel: 'debian', commandLine: SHORT },
  { kernel: 'debian', initrd: 1 },
  { kernel: 'debian', initrd: MIB, commandLine: LONG },
  { kernel: 'oracle', initrd: MIB + 1, commandLine: '' },
  { kernel: 'oracle', commandLine: 'quiet' },
];

/** Kernels that fit into no hole, or not into the lowest. */
const LARGE: readonly Omit<Load, 'type'>[] = [
  { kernel: 'text_offset 64 MiB', initrd: 1, commandLine: SHORT },
  { kernel: '120 MiB', initrd: 4 * KIB, commandLine: SHORT },
  { kernel: '3 GiB', commandLine: SHORT },
  { kernel: '64 GiB', initrd: MIB },
];

/** An initrd of the size of an installer's, and one that is larger than the lowest hole of most machines. */
const HEAVY: readonly Omit<Load, 'type'>[] = [
  { kernel: 'debian', initrd: 60 * MIB, commandLine: SHORT },
  { kernel: 'tiny', initrd: 130 * MIB, commandLine: SHORT },
];

/** Headers with unusual values. */
const ODD: readonly Omit<Load, 'type'>[] = ODD_KERNELS.map((kernel) => ({
  kernel,
  initrd: 4 * KIB,
  commandLine: SHORT,
}));

const as = (type: Load['type'], loads: readonly Omit<Load, 'type'>[]): Load[] =>
  loads.map((load) => ({ type, ...load }));

/** At the limit for the RAM of the machine "384M". */
const HALVES: readonly Omit<Load, 'type'>[] = [
  { kernel: 'half of 384M', commandLine: SHORT },
  { kernel: 'half of 384M and a page', commandLine: SHORT },
  { kernel: 'half of 384M, Linux 7.3', commandLine: SHORT },
  { kernel: 'half of 384M and a page, Linux 7.3', commandLine: SHORT },
];

/** The same loads, kept out of the CMA area. */
export const withoutCma = (loads: readonly Load[]): Load[] => loads.map((load) => ({ ...load, noCma: true }));

export const ordinary = (): Load[] => as('default', [...ORDINARY, ...LARGE]);
export const halves = (): Load[] => as('default', HALVES);
export const heavy = (): Load[] => as('default', HEAVY);
export const odd = (): Load[] => as('default', ODD);
export const crash = (): Load[] => as('crash', [...ORDINARY, ...LARGE]);
export const heavyCrash = (): Load[] => as('crash', HEAVY);
export const oddCrash = (): Load[] => as('crash', ODD);
