import type { INITRD_CHECKS } from '../../base/checks/initrd-checks.js';
import type { CpioCompression } from '../../formats/cpio.js';

/** Why the next kernel will not have all files of an initrd. */
export interface InitrdProblem {
  readonly check: keyof typeof INITRD_CHECKS;
  readonly seen: string;
  /** In bytes from the start of the initrd. */
  readonly offset: number;
  readonly cure: string;
}

/** A part of an initrd: archives that are not compressed, or one compressed member. */
export interface InitrdMember {
  readonly kind: 'cpio' | CpioCompression;
  readonly offset: number;
  readonly end: number;
  /** In bytes. */
  readonly unpacked: number;
  readonly entries: number;
  /**
   * Whether the last archive in it has its trailer. The kernel needs none; without it, the archive may be cut short.
   */
  readonly hasTrailer: boolean;
}

/** What an initrd consists of, as the kernel unpacks it. */
export interface InitrdReport {
  readonly members: readonly InitrdMember[];
  /** The entries of all members. */
  readonly entries: number;
  /** The memory that the files take once they are unpacked, in bytes; a lower bound if `isWhole` is false. */
  readonly memory: number;
  /** Whether all members were unpacked. */
  readonly isWhole: boolean;
  /** The first problem, where the kernel stops as well. */
  readonly problem?: InitrdProblem;
  /** Why not all was examined: a bound of this program. */
  readonly bound?: InitrdProblem;
}
