import { encodeU64le } from '../../../base/bytes.js';
import type { Hashes } from '../../../trust/hashes.js';
import type { Segment } from '../../kimage.js';
import { digestSegments } from '../../purgatory/digest-segments.js';
import type { LinkedPurgatory } from '../../purgatory/purgatory.js';
import { encodeRegions } from '../../purgatory/regions.js';
import { loadPurgatory } from './load-purgatory.js';

/** `struct kexec_entry64_regs`: the registers by the order in which purgatory loads them, each of 8 bytes. */
const REGISTERS = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi'] as const;
const NUMBERED_REGISTERS = 8;
const RIP_AT = (REGISTERS.length + NUMBERED_REGISTERS) * 8;
const REGISTERS_SIZE = RIP_AT + 8;

/** The 64-bit entry of a bzImage, from the end of its setup code: boot.rst, "64-bit Boot Protocol". */
export const ENTRY_OFFSET = 0x200n;

/** What purgatory has to know. */
export interface HandOver {
  /** The physical address of the kernel's segment. */
  readonly kernel: bigint;
  /** That of the boot parameters. */
  readonly bootParams: bigint;
  /** The segments that it verifies, in their order; empty if it verifies none. */
  readonly verified: readonly Segment[];
  readonly hashes: Hashes;
}

/**
 * Links the running kernel's purgatory for its place, and sets what it verifies and enters: kernel functions
 * `kexec_load_purgatory()`, `bzImage64_load()` and `kexec_calculate_store_digests()`.
 *
 * @param object - `kexec_purgatory` of the running kernel
 * @param base - the physical address of its segment
 * @throws KexecError `ENOEXEC` or `EINVAL`, the checks of an object file.
 */
export function linkPurgatory(object: Uint8Array, base: bigint, handOver: HandOver): LinkedPurgatory {
  const purgatory = loadPurgatory(object);
  // setSymbol() refuses it if the object's has another size.
  const registers = new Uint8Array(REGISTERS_SIZE);
  registers.set(purgatory.getSymbol('entry64_regs').subarray(0, REGISTERS_SIZE));
  const set = (at: number, value: bigint): void => registers.set(encodeU64le(value), at);
  set(REGISTERS.indexOf('rbx') * 8, 0n);
  set(REGISTERS.indexOf('rsi') * 8, handOver.bootParams);
  set(REGISTERS.indexOf('rsp') * 8, purgatory.findAddress('stack_end', base));
  set(RIP_AT, handOver.kernel + ENTRY_OFFSET);
  purgatory.setSymbol('entry64_regs', registers);
  purgatory.setSymbol('purgatory_sha_regions', encodeRegions(handOver.verified));
  purgatory.setSymbol('purgatory_sha256_digest', digestSegments(handOver.verified, handOver.hashes));
  return purgatory.link(base);
}
