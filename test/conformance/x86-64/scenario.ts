import type { OracleLoad } from '../../support/oracle/session.js';

/** The segments of a load for x86_64, in the order of the system call. */
export const X86_SEGMENTS = ['elfcorehdr', 'purgatory', 'boot-params', 'kernel', 'initrd'] as const;

export type X86SegmentName = (typeof X86_SEGMENTS)[number];

/** The address and the sizes of a segment, in bytes; in memory, in whole pages. */
export interface X86Placed {
  readonly name: X86SegmentName;
  readonly mem: bigint;
  readonly bufsz: bigint;
  readonly memsz: bigint;
}

/** An entry of the next kernel's memory map. `last` is its last byte. */
export interface LoggedE820 {
  readonly start: bigint;
  readonly last: bigint;
  readonly type: number;
}

/** What the kernel logs of a load that succeeded. */
export interface X86Places {
  readonly segments: readonly X86Placed[];
  /** The address at which purgatory begins. */
  readonly entry: bigint;
  readonly e820: readonly LoggedE820[];
  /** The RAM in the ELF core header of a crash kernel: virtual address, physical address, size. */
  readonly elfRanges: readonly (readonly [bigint, bigint, bigint])[];
}

/** The name of the errno of a load, or what the kernel logged. */
export type X86Outcome = string | X86Places;

/** A load: its files are a kernel of kernels.ts, and zeros. */
export interface X86Load {
  readonly type: OracleLoad['type'];
  readonly kernel: string;
  /** The size of the initrd in bytes. */
  readonly initrd?: number | undefined;
  readonly commandLine?: string | undefined;
  readonly noCma?: boolean | undefined;
}

/** A load, and the oracle's outcome of it. */
export interface X86Scenario {
  readonly load: X86Load;
  readonly outcome: X86Outcome;
}

/** A load in words, for messages. */
export function describeX86Load({ type, kernel, initrd, commandLine, noCma }: X86Load): string {
  const files = `${type === 'crash' ? 'crash kernel' : 'kernel'} "${kernel}", initrd ${initrd ?? 'none'}`;
  const line = commandLine === undefined ? 'no command line' : `command line of ${commandLine.length} bytes`;
  return `${files}, ${line}${noCma ? ', NO_CMA' : ''}`;
}

/** Everything of an outcome, a line each, as the recorded files have it. */
export function formatOutcome(outcome: X86Outcome): string[] {
  if (typeof outcome === 'string') return [outcome];
  const hex = (numbers: readonly bigint[]): string =>
    numbers.map((number) => `0x${number.toString(16)}`).join(' ');
  return [
    ...outcome.segments.map(({ name, mem, bufsz, memsz }) => `${name} ${hex([mem, bufsz, memsz])}`),
    `entry ${hex([outcome.entry])}`,
    ...outcome.e820.map(({ start, last, type }) => `e820 ${hex([start, last])} ${type}`),
    ...outcome.elfRanges.map((range) => `RAM ${hex(range)}`),
  ];
}

/** Reads {@link formatOutcome}'s lines. */
export function parseOutcome(lines: readonly string[]): X86Outcome {
  if (lines.length === 1) return lines[0] ?? '';
  const words = lines.map((line) => line.split(' '));
  const numbersOf = (name: string): bigint[][] =>
    words.filter(([first]) => first === name).map(([, ...numbers]) => numbers.map(BigInt));
  return {
    segments: X86_SEGMENTS.flatMap((name) =>
      numbersOf(name).map(([mem = 0n, bufsz = 0n, memsz = 0n]) => ({ name, mem, bufsz, memsz })),
    ),
    entry: numbersOf('entry')[0]?.[0] ?? 0n,
    e820: numbersOf('e820').map(([start = 0n, last = 0n, type = 0n]) => ({
      start,
      last,
      type: Number(type),
    })),
    elfRanges: numbersOf('RAM').map(([virtual = 0n, physical = 0n, size = 0n]) => [virtual, physical, size]),
  };
}

/** The number of addresses in an outcome. */
export function countAddresses(outcome: X86Outcome): number {
  return typeof outcome === 'string' ? 0 : outcome.segments.length;
}
