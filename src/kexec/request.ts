import type { RandomSource } from '../base/random.js';
import type { Envelope } from '../trust/envelope.js';
import type { Hashes } from '../trust/hashes.js';
import type { TrustRequest } from '../trust/policy.js';
import type { LoadOptions } from './load-options.js';

/** What to load, and how. The bytes are loaded as they are given, never read again. */
export interface LoadRequest {
  /** A kernel as the machine's architecture loads it: for arm64 an Image, for x86_64 a bzImage. */
  readonly kernel: Uint8Array;
  /**
   * The configuration of a FIT, by name, or the profile of a UKI, by number or ID. Default: the file's own, or the
   * machine's.
   */
  readonly member?: string | undefined;
  readonly initrd?: Uint8Array | undefined;
  /** Default: all options have their defaults. */
  readonly options?: LoadOptions | undefined;
  /**
   * Whether an initrd in gzip is unpacked to check it, however large it is: that takes up to a second. Default: of a
   * large one, only the structure is examined, which does not show where gzip ends.
   */
  readonly unpacksInitrd?: boolean | undefined;
  /** The ELF core header for a crash kernel. Default: it is built for the machine. */
  readonly elfcorehdr?: Uint8Array | undefined;
  /** Who must have signed the kernel. Default: signatures are not verified. */
  readonly trust?: TrustRequest | undefined;
  /** The signed files that contained the kernel, from `unwrapKernel()`. */
  readonly envelopes?: readonly Envelope[] | undefined;
  /** Computes the digests that purgatory checks. Default: JavaScript, slower by an order of magnitude. */
  readonly hashes?: Hashes | undefined;
  /**
   * Where the kernel put the dm-crypt keys of a crash kernel, if that load is known: it draws the place at random. Default:
   * a place where they are in no segment's way.
   */
  readonly dmCryptKeysAddress?: bigint | undefined;
  /** Source of kaslr-seed and rng-seed. Default: the next kernel gets neither. */
  readonly random?: RandomSource | undefined;
}
