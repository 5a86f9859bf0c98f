/**
 * kexec_file_load(2) in TypeScript, anywhere, browsers included: plan a load, verify a signature, read a dump. These
 * three, and what all entry points share: errors, the trail, digests, codecs and random bytes that need no platform.
 * `kexec-file/node` has the same three with files as paths and Node's own digests and codecs.
 *
 * @example
 * ```js
 * import { readFile } from 'node:fs/promises';
 * import { plan } from 'kexec-file';
 * import { PRESETS } from 'kexec-file/machine';
 *
 * const result = await plan(await readFile('vmlinuz'), { machine: PRESETS['qemu-virt']() });
 * console.log('refusal' in result ? result.refusal.message : `enters at 0x${result.kimage.entry.toString(16)}`);
 * // → enters at 0xbfff141c
 * ```
 *
 * @packageDocumentation
 */

export { type ByteSource, createByteSource } from './base/byte-source.js';
export { CHECKS, type Check, type CheckRule, type ErrnoOf } from './base/checks.js';
export { ERRNO_TEXT } from './base/errno.js';
export {
  ERRNO,
  type Errno,
  KexecError,
  type RefusalArguments,
  type RefusalContext,
  type RefusalKind,
} from './base/error.js';
export { type RandomSource, systemRandom } from './base/random.js';
export type { Range } from './base/range.js';
export { Trail, type TrailEntry, type TriedHole, type Verdict } from './base/trail.js';
export type { OutputBound } from './formats/compression/bounded-output.js';
export type { Compression } from './formats/compression/compression-names.js';
export { type Decompress, type Decompressor, portableDecompress } from './formats/compression/decompress.js';
export type { Codecs, DecompressPage } from './formats/kdump/page.js';
export { plan } from './kexec/plan-kernel.js';
export type { EcdsaClaim, Hash, Hashes, HashName, MlDsaClaim } from './trust/hashes.js';
export { portableHashes } from './trust/portable-hashes.js';
export { verify } from './trust/verify-signature.js';
export { openVmcore } from './vmcore/open/open-vmcore.js';
export { portableCodecs } from './vmcore/open/portable-codecs.js';
