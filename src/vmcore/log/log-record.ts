import { BoundedBytes } from '../../base/bytes.js';
import type { VirtualMemory } from '../address/virtual-memory.js';

/** A record of the kernel's log. */
export interface LogRecord {
  /** Counted from boot; the log before Linux 5.10 has none. */
  readonly sequence?: bigint;
  /** Nanoseconds of the kernel's clock, as an unsigned 64-bit number. */
  readonly time: bigint;
  /** 0 (emergency) to 7 (debug), as in syslog(2). */
  readonly level?: number;
  /** As in syslog(3): 0 is the kernel, 1 is user space writing to /dev/kmsg. */
  readonly facility?: number;
  /** The writer: `T` and a thread's id, or `C` and a CPU's number. */
  readonly caller?: string;
  /** The subsystem and the device that the record is about: `pci`, `+pci:0000:00:01.0`. */
  readonly subsystem?: string;
  readonly device?: string;
  /** Bytes in an encoding that the writer chose. */
  readonly text: Uint8Array;
  /** Whether this is not a record but the mark where the log before Linux 5.10 wraps to its start. */
  readonly isWrapMark?: boolean;
}

/**
 * Reads the log of the crashed kernel, oldest record first.
 *
 * @param onProblem - called with what is damaged, as it is found
 */
export type LogReader = (onProblem: (problem: string) => void) => Generator<LogRecord>;

/**
 * Reads bytes of the log from a virtual address, which may exceed 64 bits.
 *
 * @throws KexecError, as the memory refuses.
 */
export function readLogBytes(memory: VirtualMemory, address: bigint, length: number): BoundedBytes {
  const bytes = memory.read(BigInt.asUintN(64, address), length);
  return new BoundedBytes(bytes, { what: "the kernel's log", check: 'dump-log', errno: 'EINVAL' });
}

/** Set in a caller's id that is a CPU's number. */
const CPU_BIT = 0x80000000;

/** Formats a caller's id as CONFIG_PRINTK_CALLER prints it: `T1`, `C0`. */
export function formatCaller(id: number): string {
  return id >= CPU_BIT ? `C${id - CPU_BIT}` : `T${id}`;
}

/**
 * Reads a facility, and a level in the upper three bits of the next byte. VMCOREINFO lacks their offsets; this is how
 * compilers lay out `u8 facility; u8 flags:5; u8 level:3` of struct printk_info and struct printk_log.
 */
export function readFacilityAndLevel(record: BoundedBytes, at: number): { facility: number; level: number } {
  return { facility: record.u8(at), level: record.u8(at + 1) >> 5 };
}
