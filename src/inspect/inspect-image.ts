import { hex } from '../base/u64.js';
import { parseImageHeader } from '../formats/arm64-image.js';
import { findAppended } from '../kernel-file/image-appendix.js';
import type { Facts } from './facts.js';
import { inspectPe } from './inspect-pe.js';

/** Inspects an arm64 Image: its header, and its PE headers if it has an EFI stub. */
export function inspectImage(bytes: Uint8Array): Facts {
  const header = parseImageHeader(bytes);
  const appended = findAppended(bytes);
  return {
    textOffset: hex(header.textOffset),
    imageSize: hex(header.imageSize),
    fileSize: hex(bytes.length),
    flags: hex(header.flags),
    endianness: header.bigEndian ? 'big' : 'little',
    pageSize: header.pageSize === undefined ? 'unspecified' : `${header.pageSize / 1024}K`,
    placement: header.placeAnywhere ? 'any 2 MiB aligned base below 2^48' : 'close to the start of RAM',
    ...(header.hasEfiStub ? { pe: inspectPe(bytes) } : {}),
    ...(appended === undefined ? {} : { appended: appended.note }),
  };
}
