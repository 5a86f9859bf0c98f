/**
 * Files of several members, streams or frames, padded, followed by other bytes, or cut short: held against the tools.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attemptAsync, KexecError } from '../../../src/base/error.js';
import { type Compression, detectCompression } from '../../../src/formats/compression/compression-names.js';
import { portableDecompress } from '../../../src/formats/compression/decompress.js';
import { nodeDecompress } from '../../../src/node/codecs/node-decompress.js';
import { COMPRESSORS, type Compressor, compress } from '../../support/kernel-files.js';

const text = new TextEncoder().encode(readFileSync('README.md', 'utf8').repeat(2));
const [ONE, TWO] = [text.subarray(0, 5000), text.subarray(5000, 9000)];

const TOOLS: Readonly<Record<Compressor, readonly [string, ...string[]]>> = {
  gzip: ['gzip', '-dc'],
  zstd: ['zstd', '-q', '-dc'],
  xz: ['xz', '-dc'],
  lz4: ['lz4', '-q', '-dc'],
  'lz4 legacy': ['lz4', '-q', '-dc'],
  lzma: ['xz', '--format=lzma', '-dc'],
  bzip2: ['bzip2', '-q', '-dc'],
  lzo: ['lzop', '-q', '-dc'],
};

const compressors = Object.keys(COMPRESSORS) as Compressor[];
const compressionOf = (compressor: Compressor): Compression =>
  compressor === 'lz4 legacy' ? 'lz4' : compressor;

interface Outcome {
  /** Undefined if refused. */
  readonly contents: Uint8Array | undefined;
  /** The offset of the first byte behind the compressed data. */
  readonly end: number | undefined;
}

async function decompressBy(
  source: typeof nodeDecompress,
  file: Uint8Array,
  compressor: Compressor,
  members: 'first' | 'all' = 'all',
): Promise<Outcome> {
  const decompressor = await source(compressionOf(compressor));
  let end: number | undefined;
  const onEnd = (at: number): void => {
    end = at;
  };
  const contents = await attemptAsync(async () =>
    decompressor?.(file, { limit: 1 << 20, atLimit: 'refuse', members, onEnd }),
  );
  return { contents: contents instanceof KexecError ? undefined : contents, end };
}

/** Node's decompressor and ours, which must agree. */
async function decompress(
  file: Uint8Array,
  compressor: Compressor,
  members: 'first' | 'all' = 'all',
): Promise<Outcome> {
  const [ours, node] = [
    await decompressBy(portableDecompress, file, compressor, members),
    await decompressBy(nodeDecompress, file, compressor, members),
  ];
  expect(Buffer.compare(ours.contents ?? Buffer.of(), node.contents ?? Buffer.of())).toBe(0);
  expect(ours.end).toBe(node.end);
  return ours;
}

function runTool(file: Uint8Array, compressor: Compressor): { status: number | null; contents: Uint8Array } {
  const [program, ...args] = TOOLS[compressor];
  const { status, stdout } = spawnSync(program, args, { input: file, maxBuffer: 1 << 24 });
  return { status, contents: new Uint8Array(stdout) };
}

function skippableFrame(size: number): Uint8Array {
  return Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, size, 0, 0, 0, ...new Uint8Array(size).fill(9));
}

const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

describe.each(compressors)('attack/17: files of several members by %s', (compressor) => {
  const [one, two] = [compress(ONE, compressor), compress(TWO, compressor)];
  const empty = compress(new Uint8Array(0), compressor);

  it.each<[string, Uint8Array]>([
    ['one', one],
    ['two', join(one, two)],
    ['three', join(one, two, one)],
    ['an empty one between two', join(one, empty, two)],
    ['eight zeros between two', join(one, new Uint8Array(8), two)],
    ['seven zeros between two', join(one, new Uint8Array(7), two)],
    ['other bytes between two', join(one, Uint8Array.of(71, 71, 71, 71, 71), two)],
    ['the second cut short', join(one, two.subarray(0, two.length - 3))],
    ['the second cut short after 9 bytes', join(one, two.subarray(0, 9))],
    ['other bytes at the end', join(one, two, new Uint8Array(64).fill(71))],
  ])('%s: all that the tool decompresses, or a refusal', async (_, file) => {
    const tool = runTool(file, compressor);
    const { contents, end } = await decompress(file, compressor);
    if (contents === undefined) {
      expect(tool.status).not.toBe(0);
      return;
    }
    // Nothing is left behind in silence: the end is reported, and it is the tool's.
    expect(Buffer.compare(contents, tool.contents)).toBe(0);
    if (tool.status === 0 && compressor !== 'bzip2' && end !== file.length)
      expect(file.subarray(end).every((byte) => byte === 0)).toBe(true);
  });

  it('each member is decompressed alone, and its end reported', async () => {
    const first = await decompress(join(one, two), compressor, 'first');
    // The kernel skips the magics of the legacy format: its members are one.
    const isOne = compressor === 'lz4 legacy';
    expect(first.contents?.length).toBe(isOne ? ONE.length + TWO.length : ONE.length);
    expect(first.end).toBe(isOne ? one.length + two.length : one.length);
    const padded = join(one, new Uint8Array(4));
    expect((await decompress(padded, compressor, 'first')).end).toBe(one.length);
  });

  it('more members than 16,384 are refused', async () => {
    const file = new Uint8Array(empty.length * 16_385);
    for (let at = 0; at < file.length; at += empty.length) file.set(empty, at);
    const { contents } = await decompress(file, compressor);
    // A file of the legacy format may repeat its magic; .lzma has no members.
    if (compressor === 'lzma') expect(contents).toHaveLength(0);
    else expect(contents).toBeUndefined();
  });
});

describe.each<Compressor>(['zstd', 'lz4', 'lz4 legacy'])('skippable frames in files of %s', (compressor) => {
  const [one, two] = [compress(ONE, compressor), compress(TWO, compressor)];

  it.each<[string, Uint8Array]>([
    ['before', join(skippableFrame(4), one)],
    ['between', join(one, skippableFrame(40), two)],
    ['after', join(one, two, skippableFrame(0), skippableFrame(3))],
  ])('%s', async (_, file) => {
    expect(detectCompression(file)).toBe(compressionOf(compressor));
    const { contents, end } = await decompress(file, compressor);
    expect(Buffer.compare(contents ?? Buffer.of(), runTool(file, compressor).contents)).toBe(0);
    expect(end).toBe(file.length);
  });

  it('one that leaves the file is refused', async () => {
    expect((await decompress(join(one, skippableFrame(40).subarray(0, 30)), compressor)).contents).toBe(
      undefined,
    );
  });
});

describe('both formats of lz4, one after the other', () => {
  it('are decompressed as one file', async () => {
    const file = join(compress(ONE, 'lz4'), compress(TWO, 'lz4 legacy'), compress(ONE, 'lz4'));
    const { contents } = await decompress(file, 'lz4');
    expect(Buffer.compare(contents ?? Buffer.of(), runTool(file, 'lz4').contents)).toBe(0);
    expect(contents).toHaveLength(14_000);
  });

  it('a block of size 0 is damage, except to the kernel, whose decoder ends there', async () => {
    const file = join(compress(ONE, 'lz4 legacy'), new Uint8Array(5));
    expect(runTool(file, 'lz4').status).not.toBe(0);
    expect((await decompress(file, 'lz4')).contents).toBeUndefined();
    expect((await decompress(file, 'lz4', 'first')).contents).toHaveLength(5000);
  });
});

describe('the end of an xz stream is verified', () => {
  const file = compress(ONE, 'xz');
  it.each([4, 8, 12, 13, 18, 24])('%d bytes before its end', async (distance) => {
    const damaged = Uint8Array.from(file);
    damaged[file.length - distance] = (damaged[file.length - distance] ?? 0) ^ 1;
    expect(runTool(damaged, 'xz').status).not.toBe(0);
    expect((await decompress(damaged, 'xz')).contents).toBeUndefined();
  });

  it('is refused without its footer', async () => {
    expect((await decompress(file.subarray(0, file.length - 1), 'xz')).contents).toBeUndefined();
  });
});
