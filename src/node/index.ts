/**
 * For Node: plan a load, verify signatures, read a dump, with files as paths or bytes, and Node's digests, codecs and
 * random bytes. Errors and the values that these return are in `kexec-file` and its other entry points.
 *
 * @example
 * ```js
 * import { openVmcore, plan, verify } from 'kexec-file/node';
 *
 * const result = await plan('vmlinuz', { machine: 'qemu-virt', initrd: 'initrd.img' });
 * console.log('refusal' in result ? result.refusal.message : `${result.kimage.segments.length} segments`);
 * // → 4 segments
 * for (const { file, verdict } of await verify(['vmlinuz.signed'], { trust: { certs: ['signing_cert.pem'] } })) {
 *   console.log(`${file}: ${verdict}`);
 * }
 * // → vmlinuz.signed: ok
 * const vmcore = openVmcore('vmcore');
 * console.log(`${[...vmcore.log()].length} lines`);
 * // → 205 lines
 * vmcore.close();
 * ```
 *
 * @packageDocumentation
 */

export { nodeCodecs } from './codecs/node-codecs.js';
export { nodeDecompress } from './codecs/node-decompress.js';
export { nodeHashes } from './codecs/node-hashes.js';
export { buildCollectorScript } from './collect/collector-script.js';
export { readMachine } from './collect/machine-file.js';
export { recordFrom } from './collect/record-from.js';
export { recordLive } from './collect/record-live.js';
export type { FileInput } from './files/file-input.js';
export { type FileSource, openFileSource } from './files/file-source.js';
export type { OutputOptions } from './files/outputs.js';
export { type ElfFileOptions, writeElfFile } from './files/write-elf-file.js';
export { loadTrustStore, type TrustOptions } from './keys/keyrings.js';
export { readCertificates } from './keys/keys.js';
export { openSigner, type Signer, type SignerSource } from './keys/signers.js';
export type { FileSignatureKind, FileVerdict } from './keys/verify-file.js';
export { type VerifyFilesOptions, verifyFiles as verify } from './keys/verify-files.js';
export { type DiagnoseOptions, diagnoseFiles as diagnose } from './live/diagnose-files.js';
export { findMachine } from './plan/find-machine.js';
export {
  type PlanFilesOptions,
  type PlanFilesRequest,
  plan,
  type TrustedFiles,
} from './plan/plan-files.js';
export { listFleet } from './preflight/list-fleet.js';
export { preflightFiles } from './preflight/preflight-files.js';
export { type RearrangedDump, rearrangeDump } from './vmcore/rearrange-dump.js';
export { type SavedFile, type SaveFileOptions, saveVmcoreFile } from './vmcore/save-vmcore-file.js';
export { reassembleDump, type SavedPartFiles, splitVmcoreFile } from './vmcore/split-vmcore.js';
export { type StreamedDump, type StreamOptions, streamVmcore } from './vmcore/stream-vmcore.js';
export { openVmcore, type VmcoreFile } from './vmcore/vmcore-file.js';
