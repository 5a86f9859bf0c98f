/**
 * Readers and writers of single formats: arm64 Image, bzImage, PE, cpio, PEM, /proc/iomem, memblock. Device trees have an entry
 * point of their own, `kexec-file/fdt`.
 *
 * @example
 * ```js
 * import { readFile } from 'node:fs/promises';
 * import { buildCpio, parseCpio, parseImageHeader } from 'kexec-file/formats';
 *
 * console.log(parseImageHeader(await readFile('vmlinuz')).pageSize);
 * // → 4096
 * const archive = buildCpio([{ name: 'init', mode: 0o100755, data: new TextEncoder().encode('#!/bin/sh\n') }]);
 * console.log(parseCpio(archive).entries.length);
 * // → 1
 * ```
 *
 * @packageDocumentation
 */

export { type ImageHeader, parseImageHeader } from '../formats/arm64-image.js';
export { type BzimageHeader, parseBzimageHeader } from '../formats/bzimage/header.js';
export { type BzimagePayload, findPayload } from '../formats/bzimage/payload.js';
export {
  buildCpio,
  type CpioCompression,
  type CpioEntry,
  type CpioListing,
  type CpioSource,
  type DeviceNumber,
  parseCpio,
} from '../formats/cpio.js';
export type { ProgramHeader } from '../formats/elf/program-headers.js';
export { parseIomem, type Resource } from '../formats/iomem.js';
export { type MemblockRegion, parseMemblock } from '../formats/memblock.js';
export type { WinCertificate } from '../formats/pe/certificates.js';
export type { DataDirectory, FileRange, PeHeaders } from '../formats/pe/headers.js';
export { type PeFile, parsePe } from '../formats/pe/parse.js';
export type { PeSection } from '../formats/pe/sections.js';
export { isPem, type PemBlock, parsePem } from '../formats/pem.js';
