import { inflateSync } from 'node:zlib';
import type { Codecs } from '../../formats/kdump/page.js';
import { portableCodecs } from '../../vmcore/open/portable-codecs.js';

/** Unpacks pages of compressed dumps, with Node's zlib, which is faster than ours. */
export const nodeCodecs: Codecs = {
  ...portableCodecs,
  zlib: (packed, size) => inflateSync(packed, { maxOutputLength: size }),
};
