/** Compressed files with bytes changed, in the decoders of Node and in ours. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import type { OutputBound } from '../../../src/formats/compression/bounded-output.js';
import type { Compression } from '../../../src/formats/compression/compression-names.js';
import { type Decompress, portableDecompress } from '../../../src/formats/compression/decompress.js';
import { nodeDecompress } from '../../../src/node/codecs/node-decompress.js';
import { corpus } from '../../support/corpus.js';
import { type Compressor, compress } from '../../support/kernel-files.js';

const MIB = 1 << 20;

/** What a file of a compressor is recognised as. */
export const compressionOf = (compressor: Compressor): Compression =>
  compressor === 'lz4 legacy' ? 'lz4' : compressor;

/** Decompresses by a decoder; up to 8 MiB by Node's, or ours where it has none, if nothing else is given. */
export async function decompress(
  bytes: Uint8Array,
  compression: Compression,
  bound: OutputBound = { limit: 8 * MIB, atLimit: 'refuse' },
  source: Decompress = nodeDecompress,
): Promise<Uint8Array> {
  const decompressor = await source(compression);
  if (decompressor === undefined) throw new Error(`no ${compression}`);
  return decompressor(bytes, bound);
}

/** A file with some bytes changed, more often near its start. */
function mutations(file: Uint8Array): fc.Arbitrary<Uint8Array> {
  const offset = fc.oneof(fc.nat({ max: Math.min(63, file.length - 1) }), fc.nat({ max: file.length - 1 }));
  const change = fc.tuple(offset, fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat({ max: 255 })));
  return fc.array(change, { minLength: 1, maxLength: 6 }).map((changes) => {
    const mutated = Uint8Array.from(file);
    for (const [at, value] of changes) mutated[at] = value;
    return mutated;
  });
}

/** Expects that mutations of a part of a kernel result in bytes or a KexecError. @param runs - their number */
export async function expectMutationsEnd(compressor: Compressor, runs: number): Promise<void> {
  const part = new Uint8Array(readFileSync(corpus.cloudKernel())).subarray(65536, 65536 + 6000);
  const bound = { limit: MIB, atLimit: 'refuse' } as const;
  await fc.assert(
    fc.asyncProperty(mutations(compress(part, compressor)), async (mutated) => {
      for (const source of [nodeDecompress, portableDecompress]) {
        const result = await decompress(mutated, compressionOf(compressor), bound, source).catch(
          (error: unknown) => error,
        );
        if (result instanceof KexecError) continue;
        expect(result).toBeInstanceOf(Uint8Array);
      }
    }),
    { numRuns: runs },
  );
}
