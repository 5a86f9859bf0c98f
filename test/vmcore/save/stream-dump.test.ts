import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteSource } from '../../../src/base/byte-source.js';
import { readFlattened } from '../../../src/formats/kdump/flattened.js';
import { FILTER_ALL } from '../../../src/vmcore/save/filter.js';
import { KeptFrames } from '../../../src/vmcore/save/kept-frames.js';
import { KIND_KEPT, PageKinds } from '../../../src/vmcore/save/page-kinds.js';
import { FORMATS, savedBytes, streamedBytes } from '../../support/dump-target.js';
import { catchRefusal } from '../../support/hostile.js';
import { buildUsedPages } from '../../support/used-pages.js';
import { openVmcoreBytes, REDUCED_VMCORES, readReducedVmcore } from '../../support/vmcore.js';

function rearrange(stream: Uint8Array): Uint8Array {
  const { source, isWhole } = readFlattened(createByteSource(stream));
  expect(isWhole).toBe(true);
  return source.read(0n, Number(source.size));
}

describe.each(FORMATS)('a stream as $format, $compression', (format) => {
  it.each([0, 1, FILTER_ALL])('has the bytes of the file, with filter %i', (filter) => {
    const { vmcore } = buildUsedPages('Linux 6.12');
    const file = savedBytes(vmcore, format, filter);
    expect(Buffer.compare(rearrange(streamedBytes(vmcore, format, filter)), file)).toBe(0);
  });

  it.each(REDUCED_VMCORES)('has the bytes of the file, of %s', (name) => {
    const vmcore = readReducedVmcore(name);
    const stream = streamedBytes(vmcore, format, 1);
    expect(openVmcoreBytes(stream)).toMatchObject({ isFlattened: true, problems: [] });
    expect(Buffer.compare(rearrange(stream), savedBytes(vmcore, format, 1))).toBe(0);
  });

  it('is no dump before its last piece, and has a problem before its end mark', () => {
    const { vmcore } = buildUsedPages('Linux 6.12');
    const stream = streamedBytes(vmcore, format, FILTER_ALL, { whole: false });
    expect(openVmcoreBytes(stream).problems).toEqual([expect.stringContaining('no end mark')]);
    fc.assert(
      // The last piece is the head, of at least two pages.
      fc.property(fc.integer({ min: 4096, max: stream.length - 8192 }), (length) => {
        const refusal = catchRefusal(() => openVmcoreBytes(stream.subarray(0, length)));
        expect(refusal).toMatchObject({ errno: 'EINVAL', check: 'kdump-flattened' });
      }),
      { numRuns: 40 },
    );
  });
});

it('a dump without pages has its whole size', () => {
  const { vmcore } = buildUsedPages('Linux 6.12');
  // Page frames that are no RAM: the file ends before the first PT_LOAD's memory.
  const view = new DataView(vmcore.buffer, vmcore.byteOffset);
  for (let index = 1; index < view.getUint16(56, true); index += 1)
    view.setBigUint64(64 + index * 56 + 32, 0n, true);
  const format = { format: 'kdump', compression: 'none' } as const;
  const file = savedBytes(vmcore, format, 0);
  expect(Buffer.compare(rearrange(streamedBytes(vmcore, format, 0)), file)).toBe(0);
});

describe('page frames that are kept', () => {
  const { vmcore, first, uses } = buildUsedPages('Linux 6.12');
  const mark = (marker: Pick<PageKinds, 'mark'>): boolean[] => {
    const kinds = new Uint8Array(uses.length);
    marker.mark(first, kinds, new Uint8Array(uses.length).fill(1));
    return [...kinds].map((kind) => kind === KIND_KEPT);
  };

  it.each([
    ['remembered', 1 << 20],
    ['found out again, if there is no memory for them', 0],
  ])('are %s', (_, maxBytes) => {
    const kept = new KeptFrames(new PageKinds(openVmcoreBytes(vmcore), FILTER_ALL), maxBytes);
    const found = mark(kept.first);
    expect(found).toContain(true);
    expect(found).toContain(false);
    expect(mark(kept.second)).toEqual(found);
  });

  it('are refused if they have become others', () => {
    const kinds = new PageKinds(openVmcoreBytes(vmcore), FILTER_ALL);
    const kept = new KeptFrames(kinds, 0);
    mark(kept.first);
    kinds.mark = () => {};
    expect(catchRefusal(() => mark(kept.second))).toMatchObject({ errno: 'EINVAL', check: 'dump-save' });
  });
});
