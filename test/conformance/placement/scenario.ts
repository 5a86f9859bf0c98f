import type { KimageType, SegmentName } from '../../../src/kexec/kimage.js';

/** A load that is asked for. */
export interface Load {
  readonly type: KimageType;
  /** The name of a kernel (kernels.ts). */
  readonly kernel: string;
  /** How many bytes the initrd has; none if left out. */
  readonly initrd?: number | undefined;
  readonly commandLine?: string | undefined;
}

/** Where a segment went, and its sizes, in bytes. */
export interface Placed {
  readonly mem: bigint;
  readonly bufsz: bigint;
  readonly memsz: bigint;
}

/** What came of a load: the name of the errno, or where everything went. */
export type Outcome = string | ReadonlyMap<SegmentName, Placed>;

/** A load, and what the oracle made of it. */
export interface Scenario {
  readonly load: Load;
  /** Whether the kernel's random numbers were good enough for seeds: the device tree is longer then. */
  readonly seeds: boolean;
  readonly outcome: Outcome;
}

/** The segments of the system call, in its order. */
export const SEGMENTS = ['kernel', 'elfcorehdr', 'initrd', 'dtb'] as const;

/** A load in words, for messages. */
export function describeLoad({ type, kernel, initrd, commandLine }: Load): string {
  return [
    type === 'crash' ? 'crash kernel' : 'kernel',
    `"${kernel}",`,
    initrd === undefined ? 'no initrd,' : `initrd of ${initrd} bytes,`,
    commandLine === undefined ? 'no command line' : `command line of ${commandLine.length} bytes`,
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

/** How many addresses two outcomes have in common to compare. */
export function countAddresses(outcome: Outcome): number {
  return typeof outcome === 'string' ? 0 : outcome.size;
}
