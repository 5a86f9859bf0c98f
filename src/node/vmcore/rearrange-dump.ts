import { decodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import {
  checkFlattenedHeader,
  FLATTENED_HEADER_SIZE,
  PIECE_HEADER_SIZE,
  parsePieceHeader,
} from '../../formats/kdump/flattened-format.js';
import { KDUMP_SIGNATURE } from '../../formats/kdump/format.js';
import { hasMagic } from '../../formats/magics.js';
import { tryAccess } from '../files/access-error.js';
import { IncompleteFile } from '../files/incomplete-file.js';
import type { OutputOptions } from '../files/outputs.js';
import { readFully } from '../files/read-fully.js';
import { nameInput, openInput } from '../files/standard-input.js';
import { yieldToEventLoop } from '../threads/yield-to-event-loop.js';

/** How much is copied at once, in bytes. */
const CHUNK_BYTES = 1 << 20;

/** Offsets in files are exact as `number` below this. */
const MAX_OFFSET = BigInt(Number.MAX_SAFE_INTEGER);

/** A plain dump that was made of a flattened one. */
export interface RearrangedDump {
  readonly path: string;
  /** In bytes. */
  readonly size: bigint;
}

/**
 * Makes a plain dump file of a flattened dump, which may come from a pipe. The file's name ends in `.incomplete` until
 * it is complete, and stays so if the stream is not.
 *
 * @param input - a path; `-` is standard input
 * @param onProgress - called from time to time with the number of bytes that were read
 * @throws KexecError: `EINVAL`, check `kdump-flattened`, if the stream is no flattened dump or has no end mark;
 *   `file-access`, as {@link IncompleteFile}, and if the input cannot be read.
 */
export async function rearrangeDump(
  input: string,
  output: string,
  { overwrite }: Pick<OutputOptions, 'overwrite'>,
  onProgress: (bytesRead: number) => void = () => {},
): Promise<RearrangedDump> {
  const name = nameInput(input);
  const { descriptor, close } = tryAccess(`cannot read ${name}`, () => openInput(input));
  try {
    const file = await IncompleteFile.open(output, { inputs: [input], overwrite, hasChecksum: false });
    try {
      file.truncate(0n);
      await copyPieces(new InputStream(descriptor, name), file, onProgress);
      checkStart(file);
      await file.finish();
      return { path: file.path, size: file.size };
    } finally {
      file.close();
    }
  } finally {
    close();
  }
}

/** An input that is read from its start to its end. */
class InputStream {
  /** The number of bytes that were read. */
  offset = 0;
  readonly #descriptor: number;
  readonly #name: string;
  readonly #buffer = new Uint8Array(CHUNK_BYTES);

  constructor(descriptor: number, name: string) {
    this.#descriptor = descriptor;
    this.#name = name;
  }

  /**
   * Reads at most {@link CHUNK_BYTES}.
   *
   * @returns bytes that are valid until the next call
   * @throws KexecError `EINVAL`, check `kdump-flattened`, if the input ends before them.
   */
  read(length: number): Uint8Array {
    const bytes = this.#buffer.subarray(0, length);
    const count = tryAccess(`cannot read ${this.#name}`, () => readFully(this.#descriptor, bytes, null));
    if (count < length) this.#refuseEnd(count);
    this.offset += length;
    return bytes;
  }

  #refuseEnd(count: number): never {
    const end = this.offset + count;
    const seen =
      end === 0
        ? `${this.#name} is empty`
        : `${this.#name} is cut short: it ends after ${end} bytes, without an end mark`;
    refuse('kdump-flattened', 'EINVAL', seen, {
      cure: 'look at the messages of the program that wrote the stream, and save the dump again',
    });
  }
}

async function copyPieces(
  input: InputStream,
  file: IncompleteFile,
  onProgress: (bytesRead: number) => void,
): Promise<void> {
  checkFlattenedHeader(input.read(FLATTENED_HEADER_SIZE));
  let yieldAt = CHUNK_BYTES;
  for (;;) {
    const at = BigInt(input.offset);
    const piece = parsePieceHeader(input.read(PIECE_HEADER_SIZE), at);
    if (piece === undefined) return;
    const end = piece.start + piece.size;
    if (end > MAX_OFFSET)
      refuse('kdump-flattened', 'EINVAL', `a piece of ${piece.size} bytes at ${piece.start}`, { offset: at });
    for (let to = piece.start; to < end; ) {
      const bytes = input.read(Number(end - to < CHUNK_BYTES ? end - to : CHUNK_BYTES));
      file.write(to, bytes);
      to += BigInt(bytes.length);
    }
    if (input.offset < yieldAt) continue;
    onProgress(input.offset);
    await yieldToEventLoop();
    yieldAt = input.offset + CHUNK_BYTES;
  }
}

/** What was flattened must be a dump: an ELF core, or a compressed dump. */
function checkStart(file: IncompleteFile): void {
  const length = file.size < BigInt(KDUMP_SIGNATURE.length) ? Number(file.size) : KDUMP_SIGNATURE.length;
  const start = file.read(0n, length);
  if (hasMagic(start, 'elf') || decodeLatin1(start) === KDUMP_SIGNATURE) return;
  refuse('kdump-flattened', 'EINVAL', 'what it contains is no dump: it has no header of ELF or KDUMP', {
    cure: 'look at the messages of the program that wrote the stream, and save the dump again',
  });
}
