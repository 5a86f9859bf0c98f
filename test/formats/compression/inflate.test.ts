import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { constants, deflateRawSync, deflateSync, inflateRawSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { decompressZlib } from '../../../src/formats/compression/inflate.js';
import { catchRefusal } from '../../support/hostile.js';

const LIMIT = 1 << 20;

const STRATEGIES = {
  default: constants.Z_DEFAULT_STRATEGY,
  filtered: constants.Z_FILTERED,
  'only Huffman codes': constants.Z_HUFFMAN_ONLY,
  'only runs': constants.Z_RLE,
  'fixed codes': constants.Z_FIXED,
} as const;

const SAMPLES: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(0),
  'one byte': Uint8Array.of(7),
  zeros: new Uint8Array(300_000),
  'three bytes repeated': Uint8Array.from({ length: 70_000 }, (_, at) => at % 3),
  noise: randomBytes(100_000),
  text: readFileSync(new URL('../../../package-lock.json', import.meta.url)),
};

function inflate(bytes: Uint8Array, limit = LIMIT): Uint8Array {
  return decompressZlib(bytes, { limit, atLimit: 'refuse' });
}

/** What zlib makes of a zlib stream; undefined if it refuses it. */
function inflateByZlib(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: LIMIT });
  } catch {
    return undefined;
  }
}

interface Inflated {
  readonly contents: Uint8Array;
  /** How many bytes of input it took. */
  readonly size: number;
}

/** What zlib makes of a stream without header and checksum; undefined if it refuses it. */
function inflateRawByZlib(bytes: Uint8Array): Inflated | undefined {
  try {
    const { buffer, engine } = inflateRawSync(bytes, { maxOutputLength: LIMIT, info: true }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    return { contents: buffer, size: engine.bytesWritten };
  } catch {
    return undefined;
  }
}

/** A zlib stream of a raw one, with the right checksum if it has an end. */
function zlibStream(raw: Uint8Array, inflated: Inflated | undefined): Uint8Array {
  if (inflated === undefined) return Uint8Array.of(0x78, 0x9c, ...raw);
  const checksum = deflateSync(inflated.contents).subarray(-4);
  return Uint8Array.of(0x78, 0x9c, ...raw.subarray(0, inflated.size), ...checksum);
}

/** What {@link inflate} makes of bytes; undefined if it refuses them. */
function inflateOrRefuse(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return inflate(bytes);
  } catch (error) {
    if (error instanceof KexecError) return undefined;
    throw error;
  }
}

/** Compares without printing a difference byte by byte. */
function expectSame(found: Uint8Array | undefined, wanted: Uint8Array | undefined): void {
  expect(found?.length).toBe(wanted?.length);
  if (found !== undefined && wanted !== undefined) expect(Buffer.compare(found, wanted)).toBe(0);
}

/** A zlib stream of bits, which are written as they are read: the first is the lowest of its byte. */
function streamOfBits(...bits: readonly string[]): Uint8Array {
  const text = bits.join('').replaceAll(/[^01]/g, '');
  const bytes = text.match(/.{1,8}/g) ?? [];
  return Uint8Array.of(
    ...[0x78, 0x9c],
    ...bytes.map((byte) => Number.parseInt([...byte.padEnd(8, '0')].reverse().join(''), 2)),
    ...[0, 0, 0, 1],
  );
}

/** A last block with its own codes, for 257 literals and 1 distance, up to the lengths of codes for code lengths. */
function dynamicBlock(...bits: readonly string[]): Uint8Array {
  return streamOfBits('1 01', '00000', '00000', '0000', ...bits);
}

describe.each(Object.keys(SAMPLES))('a zlib stream of %s', (name) => {
  const sample = SAMPLES[name] as Uint8Array;

  it.each(Object.entries(STRATEGIES))('is decompressed (strategy: %s)', (_, strategy) => {
    for (const level of [0, 1, 6, 9]) expectSame(inflate(deflateSync(sample, { level, strategy })), sample);
  });

  it('is refused if its checksum does not match', () => {
    const stream = new Uint8Array(deflateSync(sample));
    stream[stream.length - 1] = (stream[stream.length - 1] ?? 0) ^ 1;
    expect(catchRefusal(() => inflate(stream))).toMatchObject({ errno: 'EBADMSG', check: 'compressed-data' });
  });

  it('is refused wherever it is cut off', () => {
    const stream = deflateSync(sample.subarray(0, 400));
    for (let length = 0; length < stream.length; length += 1)
      expect(catchRefusal(() => inflate(stream.subarray(0, length)))).toMatchObject({ errno: 'EBADMSG' });
  });
});

describe('the bound of the output', () => {
  const stream = deflateSync(new Uint8Array(1000));

  it('refuses the first byte beyond it', () => {
    expect(inflate(stream, 1000).length).toBe(1000);
    expect(catchRefusal(() => inflate(stream, 999))).toMatchObject({
      errno: 'EFBIG',
      check: 'unwrapped-size',
    });
    const noise = deflateSync(randomBytes(1000));
    expect(catchRefusal(() => inflate(noise, 999))).toMatchObject({
      errno: 'EFBIG',
      check: 'unwrapped-size',
    });
  });

  it('stops there, if asked to', () => {
    expect(decompressZlib(stream, { limit: 10, atLimit: 'stop' })).toEqual(new Uint8Array(10));
  });
});

describe('a malformed zlib stream', () => {
  it.each<[string, Uint8Array, string]>([
    ['of no bytes', new Uint8Array(0), 'goes beyond'],
    ['of another method', Uint8Array.of(0x77, 0x9f, 3, 0, 0, 0, 0, 1), 'the method is 0x77'],
    ['with too large a window', Uint8Array.of(0x88, 0x1c, 3, 0, 0, 0, 0, 1), 'the method is 0x88'],
    ['with a wrong header checksum', Uint8Array.of(0x78, 0x9d, 3, 0, 0, 0, 0, 1), 'checksum of the header'],
    ['that needs a dictionary', Uint8Array.of(0x78, 0xbb, 3, 0, 0, 0, 0, 1), 'preset dictionary'],
    ['with a block of type 3', streamOfBits('1 11'), 'a reserved type'],
    [
      'with a stored block whose lengths disagree',
      Uint8Array.of(0x78, 0x9c, 1, 1, 0, 0xff, 0xff, 0, 0, 0, 0, 1),
      'lengths disagree',
    ],
    ['with length symbol 286', streamOfBits('1 10', '11000110'), 'length symbol 286'],
    ['with distance symbol 30', streamOfBits('1 10', '0000001', '11110', '0000000'), 'distance symbol 30'],
    [
      'with a match before the first byte',
      streamOfBits('1 10', '0000001', '00000'),
      'a match from 1 bytes ago',
    ],
    ['with 287 literals', streamOfBits('1 01', '01111', '00000', '0000'), 'codes for 287 literals'],
    ['with 31 distances', streamOfBits('1 01', '00000', '01111', '0000'), '31 distances'],
    ['without codes for code lengths', dynamicBlock('000 000 000 000'), 'of their own codes'],
    ['with too many codes for code lengths', dynamicBlock('100 100 100 100'), 'of their own codes'],
    [
      'that repeats a length before the first',
      dynamicBlock('100 100 000 000', '0 00'),
      'without one before it',
    ],
    [
      'with too many code lengths',
      dynamicBlock('000 000 100 100', '1 1111111', '1 1111111'),
      'more code lengths than codes',
    ],
    [
      'without a code for the end of the block',
      dynamicBlock('000 000 100 100', '1 1111111', '1 1011011'),
      'without a code for its end',
    ],
  ])('%s is refused, as zlib refuses it', (_, stream, seen) => {
    expect(inflateByZlib(stream)).toBeUndefined();
    const refusal = catchRefusal(() => inflate(stream));
    expect(refusal).toMatchObject({ errno: 'EBADMSG', check: 'compressed-data' });
    expect(refusal?.seen).toContain(seen);
  });
});

describe('bytes of any kind', () => {
  it('are decompressed exactly if zlib decompresses them', () => {
    const deflated = fc
      .tuple(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...Object.values(STRATEGIES)))
      .map(([bytes, strategy]) => new Uint8Array(deflateRawSync(bytes, { strategy })));
    const damaged = fc
      .tuple(deflated, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
      .map(([bytes, changes]) => {
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const wanted = inflateRawByZlib(bytes);
        expectSame(inflateOrRefuse(zlibStream(bytes, wanted)), wanted?.contents);
      }),
      { numRuns: 1000 },
    );
  });

  it('after the end are ignored', () => {
    const stream = Buffer.concat([deflateSync(Uint8Array.of(1, 2, 3)), randomBytes(20)]);
    expect(inflate(stream)).toEqual(Uint8Array.of(1, 2, 3));
  });
});
