import type { BoundedBytes } from '../../base/bytes.js';

/** A record of the kernel's log. */
export interface LogRecord {
  /** Counted from boot; the older log does not tell. */
  readonly sequence?: bigint;
  /** Nanoseconds of the kernel's clock, as 64 bits without a sign. */
  readonly time: bigint;
  /** 0 (emergency) to 7 (debug), as in syslog(2). */
  readonly level?: number;
  /** As in syslog(3): 0 is the kernel, 1 what user space wrote to /dev/kmsg. */
  readonly facility?: number;
  /** Who wrote it: `T` and a thread's id, or `C` and a CPU's number. */
  readonly caller?: string;
  /** What it is about: `pci`, `+pci:0000:00:01.0`. */
  readonly subsystem?: string;
  readonly device?: string;
  /** Bytes, not characters: what they are is up to who wrote them. */
  readonly text: Uint8Array;
  /** Whether it is no record but the mark where the older log begins anew at its start. */
  readonly isWrapMark?: boolean;
}

/** The log of the kernel that crashed, oldest record first; what is damaged is told as it is come upon. */
export type LogReader = (problem: (what: string) => void) => Generator<LogRecord>;

/** Set in a caller's id that is a CPU's number. */
const CPU = 0x80000000;

/** `T1`, `C0`: as CONFIG_PRINTK_CALLER prints it. */
export function formatCaller(id: number): string {
  return id >= CPU ? `C${id - CPU}` : `T${id}`;
}

/**
 * Facility, and level in the upper three bits of the byte behind it: how the compilers of Linux lay out
 * `u8 facility; u8 flags:5; u8 level:3` of struct printk_info and struct printk_log, which VMCOREINFO does not tell.
 */
export function readFacilityAndLevel(record: BoundedBytes, at: number): { facility: number; level: number } {
  return { facility: record.u8(at), level: record.u8(at + 1) >> 5 };
}
