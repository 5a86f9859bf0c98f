/**
 * All of `kexec-file`, and what needs Node: reading files, recording machines, and the backends that act on a kimage.
 *
 * @packageDocumentation
 */

export * from '../index.js';
export { nodeCodecs } from './codecs/node-codecs.js';
export { nodeDecompress } from './codecs/node-decompress.js';
export { nodeHashes } from './codecs/node-hashes.js';
export { buildCollectorScript } from './collect/collector-script.js';
export { readMachine } from './collect/machine-file.js';
export { recordFromFolder } from './collect/record-folder.js';
export { recordFrom } from './collect/record-from.js';
export { recordLive } from './collect/record-live.js';
export { recordFromTar } from './collect/record-tar.js';
export { type FileSource, openFileSource } from './files/file-source.js';
export { readFile, writeFile } from './files/files.js';
export { writeElfFile } from './files/write-elf-file.js';
export { loadTrustStore, type TrustOptions } from './keys/keyrings.js';
export { type FileVerdict, verifyFile } from './keys/verify-file.js';
export { verifyFiles } from './keys/verify-files.js';
export { listFleet } from './preflight/list-fleet.js';
export { preflightFiles } from './preflight/preflight-files.js';
export { type BootOptions, bootInQemu } from './qemu/boot-qemu.js';
export type { BootEnd } from './qemu/qemu-process.js';
export { recordFromQemu } from './qemu/record-qemu.js';
export { type SavedFile, saveVmcoreFile } from './vmcore/save-vmcore-file.js';
