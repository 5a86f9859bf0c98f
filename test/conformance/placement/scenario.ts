import type { KimageType, SegmentName } from '../../../src/kexec/kimage.js';

/** A load. */
export interface Load {
  readonly type: KimageType;
  /** The name of a kernel (kernels.ts). */
  readonly kernel: string;
  /** The size of the initrd in bytes; no initrd if left out. */
  readonly initrd?: number | undefined;
  readonly commandLine?: string | undefined;
  /** KEXEC_FILE_NO_CMA, which Linux has since 6.17: no segment lies in the CMA area. */
  readonly noCma?: boolean | undefined;
}

/** The address and the sizes of a segment, in bytes. */
export interface Placed {
  readonly mem: bigint;
  readonly bufsz: bigint;
  readonly memsz: bigint;
}

/** The outcome of a load: the name of the errno, or the place of each segment. */
export type Outcome = string | ReadonlyMap<SegmentName, Placed>;

/** A load, and the oracle's outcome of it. */
export interface Scenario {
  readonly load: Load;
  /** Whether the kernel's random numbers were good enough for seeds, which make the device tree longer. */
  readonly seeds: boolean;
  readonly outcome: Outcome;
}

/** The segments of the system call, in its order. */
export const SEGMENTS = ['kho-scratch', 'kernel', 'elfcorehdr', 'dmcryptkeys', 'initrd', 'dtb'] as const;

/** Those of a crash kernel with an initrd and without dm-crypt keys: nothing is handed over to it. */
export const CRASH_SEGMENTS = SEGMENTS.filter((name) => name !== 'kho-scratch' && name !== 'dmcryptkeys');

/** A load in words, for messages. */
export function describeLoad({ type, kernel, initrd, commandLine, noCma }: Load): string {
  return [
    type === 'crash' ? 'crash kernel' : 'kernel',
    `"${kernel}",`,
    initrd === undefined ? 'no initrd,' : `initrd of ${initrd} bytes,`,
    commandLine === undefined ? 'no command line' : `command line of ${commandLine.length} bytes`,
    ...(noCma ? ['NO_CMA'] : []),
  ].join(' ');
}

/** An outcome in words, for messages. */
export function describeOutcome(outcome: Outcome): string {
  if (typeof outcome === 'string') return outcome;
  return Array.from(outcome, ([name, placed]) => `${name} ${describePlaced(placed)}`).join(', ');
}

export function describePlaced({ mem, bufsz, memsz }: Placed): string {
  return [mem, bufsz, memsz].map((number) => `0x${number.toString(16)}`).join(' ');
}

/** The number of addresses in an outcome. */
export function countAddresses(outcome: Outcome): number {
  return typeof outcome === 'string' ? 0 : outcome.size;
}
