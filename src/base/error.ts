import { CHECKS, type Check } from './checks.js';
import { hex } from './u64.js';

/** The errnos that the kernel, and so this project, answers with; numbers as on arm64 Linux (asm-generic). */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENOEXEC: 8,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  ERANGE: 34,
  ENOSYS: 38,
  ENODATA: 61,
  ENOPKG: 65,
  EBADMSG: 74,
  EOVERFLOW: 75,
  ELIBBAD: 80,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  EADDRNOTAVAIL: 99,
  ETIMEDOUT: 110,
  EDQUOT: 122,
  ENOKEY: 126,
  EKEYEXPIRED: 127,
  EKEYREJECTED: 129,
  ENOTSUPP: 524,
} as const;

/** The name of an errno. */
export type Errno = keyof typeof ERRNO;

export interface KexecErrorFacts {
  readonly check: Check;
  readonly errno: Errno;
  /** What was found, in words and figures: a clause that needs no rule to be understood. */
  readonly seen: string;
  /** Where in the input, in bytes from its start. */
  readonly offset?: number | bigint;
  readonly cause?: unknown;
}

/**
 * The one error of this project: an input was refused.
 *
 * Its message tells what was seen, where, and the rule; `errno` and `check` are for programs.
 */
export class KexecError extends Error {
  override readonly name = 'KexecError';
  readonly check: Check;
  readonly errno: Errno;
  readonly seen: string;
  readonly offset: bigint | undefined;

  constructor(facts: KexecErrorFacts) {
    const where = facts.offset === undefined ? '' : ` at offset ${hex(facts.offset)}`;
    const { rule, source } = CHECKS[facts.check];
    super(`${facts.seen}${where}; the rule: ${rule} (${source})`, { cause: facts.cause });
    this.check = facts.check;
    this.errno = facts.errno;
    this.seen = facts.seen + where;
    this.offset = facts.offset === undefined ? undefined : BigInt(facts.offset);
  }
}
