import * as zlib from 'node:zlib';
import type { Pack } from '../../vmcore/save/pack-run.js';
import { packBy, reuseStream } from './reused-stream.js';

/** Compresses bytes into one zstd frame. */
export type CompressZstd = (bytes: Uint8Array) => Uint8Array;

/** What is used here of Node's zstd, which the types of Node 20 do not know: Node has it since 22.15 and 23.8. */
export interface NodeZstd {
  readonly zstdCompressSync: (
    bytes: Uint8Array,
    options: {
      readonly params: Readonly<Record<number, number>>;
      readonly pledgedSrcSize: number;
      readonly chunkSize: number;
    },
  ) => Uint8Array;
  readonly createZstdCompress: (options: {
    readonly params: Readonly<Record<number, number>>;
    readonly pledgedSrcSize: number;
  }) => object;
  readonly zstdDecompressSync: (
    bytes: Uint8Array,
    options: { readonly maxOutputLength: number },
  ) => Uint8Array;
  readonly constants: {
    readonly ZSTD_c_compressionLevel: number;
    readonly ZSTD_c_windowLog: number;
    readonly ZSTD_c_hashLog: number;
    readonly ZSTD_e_end: number;
  };
}

/** More than a frame of one raw block adds to a page (RFC 8878): a header of 18 bytes, and 3 for the block. */
const ZSTD_OVERHEAD = 64;
/** The output of a large file is collected in pieces of this size. */
const MAX_CHUNK_BYTES = 1 << 20;

/**
 * Loads zstd's compressor: Node's own where Node has one, and else zstd as WebAssembly. Both are zstd itself.
 *
 * @param level - 1 to 22
 * @param module - `node:zlib`, of this Node or of another
 * @throws Error, if the WebAssembly cannot be loaded.
 */
export async function loadZstd(level: number, module: object = zlib): Promise<CompressZstd> {
  return hasZstd(module) ? useNode(level, module) : compressInWebAssembly(level);
}

/** Decompresses one zstd frame, whose header says that it has that many bytes of contents. */
export type DecompressZstd = (frame: Uint8Array, size: number) => Uint8Array;

/**
 * Loads zstd's decompressor, as {@link loadZstd}. It throws Error for a damaged frame.
 *
 * @param module - `node:zlib`, of this Node or of another
 * @throws Error, if the WebAssembly cannot be loaded.
 */
export async function loadZstdDecompressor(module: object = zlib): Promise<DecompressZstd> {
  if (hasZstd(module)) {
    const { zstdDecompressSync } = module;
    return (frame, size) => zstdDecompressSync(frame, { maxOutputLength: Math.max(size, 1) });
  }
  webAssembly ??= loadWebAssembly();
  const { decompress } = await webAssembly;
  // It allocates what the frame's header says, which the caller has bounded.
  return (frame) => decompress(frame);
}

/**
 * Loads a packer of pages by zstd, as {@link loadZstd}.
 *
 * @param pageSize - in bytes
 */
export async function loadZstdPacker(level: number, pageSize: number, module: object = zlib): Promise<Pack> {
  if (hasZstd(module)) {
    const { constants } = module;
    // A table with one slot a byte is cleared faster than that of the level, and finds nearly as much.
    const log = Math.log2(pageSize);
    const params = {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: log,
      [constants.ZSTD_c_hashLog]: log,
    };
    const stream = module.createZstdCompress({ params, pledgedSrcSize: pageSize });
    const pack = reuseStream(stream, { flush: constants.ZSTD_e_end, resets: false });
    if (pack !== undefined) return pack;
  }
  return packBy(await loadZstd(level, module));
}

function hasZstd(module: object): module is NodeZstd {
  return 'zstdCompressSync' in module;
}

function useNode(level: number, { zstdCompressSync, constants }: NodeZstd): CompressZstd {
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  return (bytes) => {
    // With its size known, zstd takes no larger window than the file needs, and writes the size into the frame.
    const { length } = bytes;
    const chunkSize = Math.min(length + ZSTD_OVERHEAD, MAX_CHUNK_BYTES);
    return zstdCompressSync(bytes, { params, pledgedSrcSize: length, chunkSize });
  };
}

async function compressInWebAssembly(level: number): Promise<CompressZstd> {
  webAssembly ??= loadWebAssembly();
  const { createCCtx, compressUsingDict } = await webAssembly;
  // One context for all pages is faster than one for each. An empty dictionary is none.
  const context = createCCtx();
  return (bytes) => compressUsingDict(context, bytes, new Uint8Array(0), level);
}

/** Loaded once: a second `init()` replaces the memory under the first one's functions, which then return garbage. */
let webAssembly: ReturnType<typeof loadWebAssembly> | undefined;

/** Loads the package, which the executable does not contain: its Node has zstd. */
async function loadWebAssembly(): Promise<typeof import('@bokuweb/zstd-wasm')> {
  const module = await import('@bokuweb/zstd-wasm');
  await module.init();
  return module;
}
