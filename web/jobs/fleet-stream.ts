/** The machines of a fleet file, or of JSON Lines of machine files, read piece by piece: in a worker alone. */
import { toHex } from '../../src/base/bytes.js';
import { KexecError, refuse } from '../../src/base/error.js';
import { isSkippableFrame } from '../../src/formats/compression/skippable-frame.js';
import { decompressZstd } from '../../src/formats/compression/zstd.js';
import { hasMagic } from '../../src/formats/magics.js';
import { type FleetItem, readLineItems } from '../../src/machine/fleet/fleet-items.js';
import type { FleetCodec } from '../../src/machine/fleet/fleet-reader.js';
import { decompressFrames } from '../../src/machine/fleet/zstd-frames.js';
import { computeDigest } from '../../src/trust/hashes.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';
import { type ChosenFile, openChosenFile } from './chosen-file.js';

/** What is read of a file at once, in bytes. */
const PIECE_BYTES = 1 << 20;

/** Enough for a magic. */
const START_BYTES = 8;

/** A fleet file that is being read. */
export interface FleetStream {
  readonly items: AsyncGenerator<readonly FleetItem[]>;
  /** How many bytes of the file are read. */
  readonly countRead: () => number;
}

/** Opens a fleet file. Nothing follows an item with a fault after which no line can be found. */
export function openFleetStream(file: ChosenFile): FleetStream {
  let read = 0;
  const name = file.path ?? file.name;
  const source = openChosenFile(file);
  async function* readPieces(): AsyncGenerator<Uint8Array> {
    while (read < file.size) {
      const piece = source.read(BigInt(read), Math.min(PIECE_BYTES, file.size - read));
      read += piece.length;
      yield piece;
    }
  }
  async function* readItems(): FleetStream['items'] {
    try {
      const start = source.read(0n, Math.min(START_BYTES, file.size));
      yield* readLineItems(name, unpack(name, start, readPieces()), codec);
    } catch (error) {
      if (!(error instanceof KexecError)) throw error;
      yield [{ file: name, machine: error }];
    }
  }
  return { items: readItems(), countRead: () => read };
}

function unpack(
  name: string,
  start: Uint8Array,
  pieces: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (hasMagic(start, 'gzip'))
    refuse(
      'fleet-file',
      'EINVAL',
      `${name} is compressed with gzip, which the inspector does not read in a fleet file`,
      {
        cure: 'drop it unpacked (gunzip -k FILE), or packed with kexec-file machine pack; or use kexec-file preflight',
      },
    );
  if (!hasMagic(start, 'zstd') && !isSkippableFrame(start)) return pieces;
  return decompressFrames(name, pieces, (frame, limit) =>
    decompressZstd(frame, { limit, atLimit: 'refuse' }),
  );
}

const LATIN1 = new TextDecoder('latin1');
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Texts out of bytes as browsers decode them. What they call Latin-1 has a character of its own for each byte, too. */
const codec: FleetCodec = {
  latin1: (bytes, start, end) => LATIN1.decode(bytes.subarray(start, end)),
  utf8: (bytes, start = 0) => UTF8.decode(bytes.subarray(start)),
  sha256: (bytes) => toHex(computeDigest(portableHashes, 'sha256', bytes) ?? new Uint8Array(0)),
};
