/** What follows compressed data is judged as the format's own tool judges it. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { encodeU32le } from '../../src/base/bytes.js';
import { buildImage } from '../support/image.js';
import { buildUimage, type Compressor, compress } from '../support/kernel-files.js';
import { tryPlan } from '../support/kernel-trials.js';
import { buildSmallDeviceTree } from '../support/machine.js';

const image = buildImage();

/** The tool that decompresses, and the exit codes of success: gzip and lzop warn with 2. */
const TOOLS: Readonly<Record<Compressor, readonly [command: string, codes: readonly number[]]>> = {
  gzip: ['gzip -dc', [0, 2]],
  zstd: ['zstd -q -dc', [0]],
  xz: ['xz -dc', [0]],
  lz4: ['lz4 -q -dc', [0]],
  'lz4 legacy': ['lz4 -q -dc', [0]],
  lzma: ['xz --format=lzma -dc', [0]],
  bzip2: ['bzip2 -q -dc', [0]],
  lzo: ['lzop -q -dc', [0, 2]],
};

function toolTakes(file: Uint8Array, compressor: Compressor): boolean {
  const [command, codes] = TOOLS[compressor];
  const { status, stdout } = spawnSync('sh', ['-c', command], { input: file });
  return codes.includes(status ?? -1) && Buffer.compare(stdout, image) === 0;
}

const SUFFIXES: readonly (readonly [string, Uint8Array])[] = [
  ['nothing', new Uint8Array(0)],
  ['four zeros', new Uint8Array(4)],
  ['eight zeros', new Uint8Array(8)],
  ['seven zeros', new Uint8Array(7)],
  ['a page of zeros', new Uint8Array(4096)],
  ['letters', new Uint8Array(64).fill(71)],
  ['four letters', new Uint8Array(4).fill(17)],
  ['two letters', new Uint8Array(2).fill(71)],
  ['zeros and letters', Uint8Array.of(0, 0, 0, 0, 71, 71, 71, 71)],
  ['large numbers', new Uint8Array(40).fill(255)],
];

describe.each(Object.keys(TOOLS) as Compressor[])('behind data compressed by %s', (compressor) => {
  const file = compress(image, compressor);
  const follow = (suffix: Uint8Array): Uint8Array => new Uint8Array(Buffer.concat([file, suffix]));

  it.each(SUFFIXES)('%s', async (_, suffix) => {
    const { refusal, kernel } = await tryPlan(follow(suffix));
    expect(refusal === undefined).toBe(toolTakes(follow(suffix), compressor));
    if (refusal === undefined) expect(Buffer.compare(kernel ?? Buffer.of(), image)).toBe(0);
    else expect(refusal).toMatchObject({ check: 'compressed-data', errno: 'EBADMSG' });
  });

  it('the size that kernel builds append is ignored, and no other size', async () => {
    expect((await tryPlan(follow(encodeU32le(image.length)))).refusal).toBeUndefined();
    const other = await tryPlan(follow(encodeU32le(image.length + 1)));
    expect(other.refusal === undefined).toBe(toolTakes(follow(encodeU32le(image.length + 1)), compressor));
  });

  it('the start of a further part is refused', async () => {
    const cut = await tryPlan(follow(file.subarray(0, 9)));
    expect(cut.refusal).toMatchObject({ check: 'compressed-data', errno: 'EBADMSG' });
  });
});

describe('behind a uImage', () => {
  const file = buildUimage(image, 'none');
  const follow = (suffix: Uint8Array): Uint8Array => new Uint8Array(Buffer.concat([file, suffix]));

  it.each<[string, Uint8Array, RegExp | undefined]>([
    ['nothing', new Uint8Array(0), undefined],
    ['zeros', new Uint8Array(100), undefined],
    ['a device tree', buildSmallDeviceTree(), /a device tree .* was appended to the uImage; it is not used/],
    ['letters', new Uint8Array(64).fill(71), /64 B at 0x1040 follow the uImage, and are not used/],
  ])('%s', async (_, suffix, note) => {
    const { refusal, lines } = await tryPlan(follow(suffix));
    expect(refusal).toBeUndefined();
    const notes = lines.filter((line) => /uImage: .*not used/.test(line));
    if (note === undefined) expect(notes).toEqual([]);
    else expect(notes).toEqual([expect.stringMatching(note)]);
  });
});
