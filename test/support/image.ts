import { buildPe } from './pe.js';

/** The fields by which the arm64 Images of tests differ. */
export interface ImageFields {
  readonly textOffset?: bigint;
  readonly imageSize?: bigint;
  readonly flags?: bigint;
  /** Bytes of the file. */
  readonly length?: number;
}

/** Flags of an Image for 4K pages that may be placed anywhere. */
export const FLAGS_4K = 0xan;

/** An arm64 Image without an EFI stub: a header, then a recognisable byte. */
export function buildImage({
  textOffset = 0n,
  imageSize = 0x20_0000n,
  flags = FLAGS_4K,
  length = 4096,
}: ImageFields = {}): Uint8Array {
  const image = new Uint8Array(length).fill(0xa5);
  image.fill(0, 0, 64);
  const view = new DataView(image.buffer);
  view.setBigUint64(8, textOffset, true);
  view.setBigUint64(16, imageSize, true);
  view.setBigUint64(24, flags, true);
  view.setUint32(56, 0x644d5241, true);
  return image;
}

/** An Image with an EFI stub: an Image's header over the MZ header of a PE file, which can be signed. */
export function buildStubImage(): Uint8Array {
  const file = buildPe({ sections: [{ name: '.text', bytes: new Uint8Array(0x400).fill(0xa5) }] });
  const view = new DataView(file.buffer);
  view.setBigUint64(16, 0x20_0000n, true);
  view.setBigUint64(24, FLAGS_4K, true);
  view.setUint32(56, 0x644d5241, true);
  return file;
}
