import type { Pack } from '../../vmcore/save/pack-run.js';

/**
 * What is used here of a stream of `node:zlib`: the object behind it, with which the synchronous functions of
 * `node:zlib` work, too. It is not documented, but has been the same since Node 11. With it, one state serves all pages:
 * those functions create one for each page, which takes a sixth of the time, and memory until the next collection.
 */
interface StreamInternals {
  readonly _handle?: {
    writeSync(
      flush: number,
      input: Uint8Array,
      inputAt: number,
      inputLength: number,
      output: Uint8Array,
      outputAt: number,
      outputLength: number,
    ): void;
    reset(): void;
  };
  /** What each call leaves: bytes of the output, and of the input. */
  readonly _writeState?: Uint32Array;
}

/** How a stream is reused for the next page. */
interface Reuse {
  /** The flush value that ends the compressed data. */
  readonly flush: number;
  /**
   * Whether the stream is reset before each page. zlib needs that. zstd begins a new frame after the last one by itself;
   * Node's reset replaces its context, and forgets its parameters.
   */
  readonly resets: boolean;
}

/**
 * Packs pages by one compressing stream of `node:zlib`.
 *
 * @param stream - as it was created
 * @returns undefined if this Node's streams are others
 */
export function reuseStream(stream: object, { flush, resets }: Reuse): Pack | undefined {
  const { _handle: handle, _writeState: state } = stream as StreamInternals;
  const isKnown =
    typeof handle?.writeSync === 'function' &&
    typeof handle.reset === 'function' &&
    state instanceof Uint32Array;
  if (!isKnown) return undefined;
  return (page, into, at) => {
    if (resets) handle.reset();
    // A page that does not fit into its own size does not get smaller. Without a reset, it must be completed nevertheless.
    const room = resets ? page.length : 2 * page.length;
    handle.writeSync(flush, page, 0, page.length, into, at, room);
    return room - (state[0] as number);
  };
}

/** Packs pages by a function that returns its result. */
export function packBy(compress: (page: Uint8Array) => Uint8Array): Pack {
  return (page, into, at) => {
    const packed = compress(page);
    if (packed.length < page.length) into.set(packed, at);
    return packed.length;
  };
}
