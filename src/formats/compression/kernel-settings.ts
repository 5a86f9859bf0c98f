/** What the kernel's decompressors (lib/decompress_*.c) do not read, though the tool of the format writes it. */
import { hasMagic } from '../magics.js';
import { isSkippableFrame } from './skippable-frame.js';

/** A setting that the kernel cannot read, and how to compress instead. */
export interface UnreadableSetting {
  readonly seen: string;
  readonly cure: string;
}

/** xz: the kernel's decoder has these checks (`xz_dec_stream.c`), by their ID. */
const XZ_CHECKS: Readonly<Record<number, string>> = { 4: 'CRC64', 10: 'SHA-256' };
const XZ_CRC32 = 1;
/** Filter IDs. On arm64, the kernel has LZMA2 and the filter for arm64. */
const XZ_FILTERS: Readonly<Record<number, string>> = {
  3: 'delta',
  4: 'x86',
  5: 'PowerPC',
  6: 'IA-64',
  7: 'Arm',
  8: 'Arm Thumb',
  9: 'SPARC',
  11: 'RISC-V',
};
const XZ_ARM64 = 0x0a;
const XZ_LZMA2 = 0x21;
const XZ_CURE = 'compress it with xz --check=crc32, and no filter but --lzma2';

/** gzip: bits of FLG. gunzip() skips a file name, and takes every other field for compressed data. */
const GZIP_OTHER_FIELDS = 0x16;
/** zstd: ZSTD_WINDOWLOG_LIMIT_DEFAULT. */
const MAX_ZSTD_WINDOW_LOG = 27;

/**
 * Finds why the kernel cannot decompress data that the format's own tool can.
 *
 * @param bytes - the data, or their first kilobyte
 * @returns undefined if the headers show no reason
 */
export function findUnreadableSetting(bytes: Uint8Array): UnreadableSetting | undefined {
  if (hasMagic(bytes, 'xz')) return findXzSetting(bytes);
  if (hasMagic(bytes, 'gzip')) return findGzipSetting(bytes);
  if (hasMagic(bytes, 'zstd')) return findZstdSetting(bytes);
  if (hasMagic(bytes, 'lz4Frame')) {
    const seen = 'it is in the frame format of lz4, and the kernel reads only the legacy format';
    return { seen, cure: 'compress it with lz4 -l' };
  }
  if (bytes.length >= 4 && isSkippableFrame(bytes)) {
    return { seen: 'it begins with a skippable frame', cure: 'compress it with zstd, not with pzstd' };
  }
  return undefined;
}

function findXzSetting(bytes: Uint8Array): UnreadableSetting | undefined {
  const check = bytes[7] ?? XZ_CRC32;
  if (check > XZ_CRC32) {
    const name = XZ_CHECKS[check] ?? `number ${check}`;
    return { seen: `its integrity check is ${name}; the kernel reads CRC32 or none`, cure: XZ_CURE };
  }
  const filter = findXzFilter(bytes);
  return filter === undefined ? undefined : { seen: `it has ${filter}`, cure: XZ_CURE };
}

/** Reads the first block's header: section 3.1 of the format. IDs and sizes of known filters have one byte each. */
function findXzFilter(bytes: Uint8Array): string | undefined {
  const start = 12;
  // 0 is the index of a stream without blocks.
  if ((bytes[start] ?? 0) === 0) return undefined;
  const flags = bytes[start + 1] ?? 0;
  let at = start + 2;
  for (const flag of [0x40, 0x80]) {
    if ((flags & flag) === 0) continue;
    while (((bytes[at] ?? 0) & 0x80) !== 0) at += 1;
    at += 1;
  }
  for (let left = flags & 3; left >= 0; left -= 1) {
    const [id = XZ_LZMA2, size = 0] = bytes.subarray(at, at + 2);
    if (id === XZ_ARM64 && size !== 0) return 'the filter for arm64 with a start offset';
    if (id !== XZ_ARM64 && id !== XZ_LZMA2) return `the filter ${XZ_FILTERS[id] ?? `number ${id}`}`;
    at += 2 + size;
  }
  return undefined;
}

function findGzipSetting(bytes: Uint8Array): UnreadableSetting | undefined {
  if (((bytes[3] ?? 0) & GZIP_OTHER_FIELDS) === 0) return undefined;
  return {
    seen: "its header has a field that the kernel takes for data: an extra field, a comment or the header's CRC",
    cure: 'compress it with gzip -n',
  };
}

function findZstdSetting(bytes: Uint8Array): UnreadableSetting | undefined {
  const isSingleSegment = ((bytes[4] ?? 0) & 0x20) !== 0;
  const log = 10 + ((bytes[5] ?? 0) >> 3);
  // A frame of a single segment needs a window of its whole content; the kernel decompresses that at once.
  if (isSingleSegment || log <= MAX_ZSTD_WINDOW_LOG) return undefined;
  return {
    seen: `its window has 2^${log} bytes; the kernel allows 2^${MAX_ZSTD_WINDOW_LOG}`,
    cure: 'compress it with zstd --ultra -22 at most, without --long',
  };
}
