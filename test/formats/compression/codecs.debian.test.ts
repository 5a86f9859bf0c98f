import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { detectCompression } from '../../../src/formats/compression/compression-names.js';
import { portableDecompress } from '../../../src/formats/compression/decompress.js';
import { nodeDecompress } from '../../../src/node/codecs/node-decompress.js';
import { corpus } from '../../support/corpus.js';
import { COMPRESSORS, type Compressor, compress } from '../../support/kernel-files.js';
import { compressionOf, decompress, expectMutationsEnd } from './mutated-files.js';

const MIB = 1 << 20;

/** Of each compressor's file. Each night there are more: codecs.nightly.test.ts. */
const MUTATIONS = 150;

const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));

/** Code, text, and what compresses to nearly nothing or not at all. */
const SAMPLES: Readonly<Record<string, Uint8Array>> = {
  'a kernel': kernel.subarray(0, 1.5 * MIB),
  nothing: new Uint8Array(0),
  'a byte': Uint8Array.of(7),
  zeros: new Uint8Array(2 * MIB + 3),
  'three bytes again and again': Uint8Array.from({ length: 100_000 }, (_, at) => at % 3),
  noise: noise(200_000),
  'noise between zeros': Uint8Array.from([
    ...new Uint8Array(70_000),
    ...noise(70_000),
    ...new Uint8Array(70_000),
  ]),
  text: new TextEncoder().encode(readFileSync('README.md', 'utf8').repeat(3)),
};

/** Bytes without pattern, the same every time. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

const compressors = Object.keys(COMPRESSORS) as Compressor[];

/** Compares without the cost of a difference being printed byte by byte. */
function expectSame(found: Uint8Array, wanted: Uint8Array): void {
  expect(found.length).toBe(wanted.length);
  expect(Buffer.compare(found, wanted)).toBe(0);
}

async function refusal(result: Promise<unknown>): Promise<KexecError> {
  const error: unknown = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof KexecError) return error;
  throw error ?? new Error('it was not refused');
}

describe.each(compressors)('a file compressed by %s', (compressor) => {
  const compression = compressionOf(compressor);

  it.each(Object.keys(SAMPLES))('decompresses to the original: %s', async (name) => {
    const sample = SAMPLES[name] as Uint8Array;
    const file = compress(sample, compressor);
    expect(detectCompression(file)).toBe(compression);
    expectSame(await decompress(file, compression), sample);
    expectSame(await decompress(file, compression, undefined, portableDecompress), sample);
  });

  it('is returned up to a bound, or refused beyond it', async () => {
    const sample = SAMPLES['a kernel'] as Uint8Array;
    const file = compress(sample, compressor);
    for (const source of [nodeDecompress, portableDecompress]) {
      for (const limit of [1, 4096, 70_001]) {
        const start = await decompress(file, compression, { limit, atLimit: 'stop' }, source);
        expectSame(start, sample.subarray(0, limit));
      }
      const exact = { limit: sample.length, atLimit: 'refuse' } as const;
      expectSame(await decompress(file, compression, exact, source), sample);
      for (const limit of [4096, sample.length - 1]) {
        const error = await refusal(decompress(file, compression, { limit, atLimit: 'refuse' }, source));
        expect(error).toMatchObject({ check: 'unwrapped-size', errno: 'EFBIG' });
      }
    }
  });

  it('may be followed by the size that kernels append, or by padding', async () => {
    const sample = SAMPLES.text as Uint8Array;
    // gzip has the size in itself.
    const appended = compressor === 'gzip' ? [0, 0, 0, 0, 0] : [1, 2, 3, 4];
    const file = new Uint8Array([...compress(sample, compressor), ...appended]);
    expectSame(await decompress(file, compression), sample);
  });

  it('is refused if it is cut short anywhere', async () => {
    const file = compress((SAMPLES.text as Uint8Array).subarray(0, 3000), compressor);
    // What comes last is a checksum or an index, which not every format needs; the last tenth may be missing.
    // A legacy LZ4 file may end after any block, and be followed by 4 bytes: its magic alone is a file of nothing.
    const shortest = compressor === 'lz4 legacy' ? 9 : 0;
    for (let length = shortest; length < file.length * 0.9; length += 7) {
      const error = await refusal(decompress(file.subarray(0, length), compression));
      expect(error).toMatchObject({ check: 'compressed-data', errno: 'EBADMSG' });
    }
  });

  it(`${MUTATIONS} mutations of it result in bytes or a KexecError`, () =>
    expectMutationsEnd(compressor, MUTATIONS));
});

describe('options of the tools', () => {
  const sample = SAMPLES['a kernel'] as Uint8Array;

  it.each<[Compressor, ...string[]]>([
    ['xz', '--check=none'],
    ['xz', '--check=crc64'],
    ['xz', '--check=sha256'],
    ['xz', '--block-size=500000'],
    ['xz', '--lzma2=preset=1,lc=0,lp=2,pb=0'],
    ['xz', '--arm64', '--lzma2=preset=1'],
    ['xz', '--arm64=start=4096', '--lzma2=preset=1'],
    ['lzma', '--lzma1=preset=1,lc=1,lp=3,pb=4'],
    ['zstd', '-1'],
    ['zstd', '--ultra', '-22'],
    ['zstd', '--no-check'],
    ['zstd', '--long=27'],
    ['lz4', '-B4'],
    ['lz4', '-BD', '-B5'],
    ['lz4', '-BX'],
    ['lz4', '--content-size'],
    ['lz4', '--no-frame-crc'],
    ['bzip2', '-1'],
    ['gzip', '-1'],
    ['lzo', '-1'],
    ['lzo', '--crc32'],
    ['lzo', '-C'],
  ])('%s %s', async (compressor, ...options) => {
    expectSame(await decompress(compress(sample, compressor, ...options), compressionOf(compressor)), sample);
  });

  it.each<Compressor>(['gzip', 'zstd', 'xz', 'lz4', 'bzip2', 'lzo'])(
    'a checksum of %s is verified',
    async (compressor) => {
      const file = compress(noise(3000), compressor, ...(compressor === 'zstd' ? ['--check'] : []));
      // Noise is stored as it is, so that a byte of it can change without harm to the form.
      const changed = Uint8Array.from(file);
      changed[file.length >> 1] = (changed[file.length >> 1] ?? 0) ^ 1;
      const error = await refusal(decompress(changed, compressionOf(compressor)));
      expect(error).toMatchObject({ check: 'compressed-data', errno: 'EBADMSG' });
    },
  );
});
