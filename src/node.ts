/**
 * All of `kexec-file`, and what needs Node: reading files, recording machines, and the backends that act on a kimage.
 *
 * @packageDocumentation
 */
export { writeElfFile } from './backends/elf-file.js';
export { type BootOptions, bootInQemu } from './backends/qemu.js';
export type { BootEnd } from './backends/qemu-process.js';
export { collectorScript } from './collect/collector-script.js';
export { listFleet } from './collect/fleet.js';
export { recordFromFolder } from './collect/folder.js';
export { recordFrom } from './collect/from.js';
export { recordLive } from './collect/live.js';
export { readMachine } from './collect/machine-file.js';
export { preflightFiles } from './collect/preflight-files.js';
export { recordFromQemu } from './collect/qemu.js';
export { recordFromTar } from './collect/tar.js';
export { nodeCodecs } from './host/codecs.js';
export { nodeDecompress } from './host/decompress.js';
export { type FileSource, openFileSource } from './host/file-source.js';
export { readFile, writeFile } from './host/files.js';
export { nodeHashes } from './host/hashes.js';
export { loadTrustStore, type TrustOptions } from './host/keyrings.js';
export { type SavedFile, saveVmcoreFile } from './host/save-vmcore.js';
export { type FileVerdict, verifyFile } from './host/verify-file.js';
export { verifyFiles } from './host/verify-files.js';
export * from './index.js';
