import { describe, expect, it } from 'vitest';
import { createByteSource } from '../../../src/base/byte-source.js';
import { readCoreHeaders } from '../../../src/formats/elf/core-file.js';
import { PT_LOAD, PT_NOTE } from '../../../src/formats/elf/format.js';
import type { SaveProgress } from '../../../src/vmcore/save/dump-target.js';
import { findPieces } from '../../../src/vmcore/save/elf-pieces.js';
import { LeftOutCounts, WINDOW_FRAMES } from '../../../src/vmcore/save/frame-windows.js';
import { LastWindowMarker } from '../../../src/vmcore/save/last-window-marker.js';
import { KIND_LEFT_OUT } from '../../../src/vmcore/save/page-kinds.js';
import { createPresentCounter, findSavedMemory } from '../../../src/vmcore/save/saved-memory.js';
import { buildElfVmcore } from '../../support/crashed-kernel.js';
import { MemoryTarget, saveBytes } from '../../support/dump-target.js';
import { catchRefusal } from '../../support/hostile.js';
import { buildUsedPages } from '../../support/used-pages.js';
import { openVmcoreBytes } from '../../support/vmcore.js';

const PAGE = 4096;
const ELF = { format: 'elf', compression: 'none' } as const;

/** The dump of {@link buildUsedPages}, with a PT_LOAD for each of its pages; `order` changes theirs. */
function splitIntoPages<Piece>(order: (pieces: Piece[]) => Piece[] = (pieces) => pieces): Uint8Array {
  const { vmcore } = buildUsedPages('Linux 6.12');
  const headers = readCoreHeaders(createByteSource(vmcore), () => {});
  const contents = ({ offset, fileSize }: { readonly offset: bigint; readonly fileSize: bigint }) =>
    vmcore.subarray(Number(offset), Number(offset + fileSize));
  const pieces = headers
    .filter(({ type }) => type === PT_LOAD)
    .flatMap((load) =>
      Array.from({ length: Number(load.fileSize) / PAGE }, (_, index) => ({
        physical: load.physicalAddress + BigInt(index * PAGE),
        virtual: load.virtualAddress + BigInt(index * PAGE),
        bytes: contents(load).subarray(index * PAGE, (index + 1) * PAGE),
      })),
    );
  const notes = headers.filter(({ type }) => type === PT_NOTE).map(contents);
  return buildElfVmcore({ notes: notes[0] as Uint8Array, pieces: order(pieces as Piece[]) as typeof pieces });
}

function runToEnd<Result>(steps: Generator<SaveProgress, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

describe('a PT_LOAD for each page', () => {
  it.each([
    ['in their order', splitIntoPages()],
    ['in the opposite order', splitIntoPages((pieces) => pieces.reverse())],
  ])('%s leaves out the same pages', (_, vmcore) => {
    const [whole, split] = [buildUsedPages('Linux 6.12').vmcore, vmcore].map((dump) => {
      const target = new MemoryTarget();
      const { leftOut, pages } = saveBytes(dump, target, ELF, 30);
      return { leftOut, pages, memory: openVmcoreBytes(target.bytes).memory };
    });
    expect(split?.leftOut).toEqual(whole?.leftOut);
    const [first] = whole?.memory.ranges() ?? [];
    const start = first?.start ?? 0n;
    // makedumpfile and we keep short gaps inside one PT_LOAD, so the single one has more.
    expect(split?.pages).toBeLessThanOrEqual(whole?.pages ?? 0);
    expect(split?.memory.ranges()[0]?.start).toBe(start);
  });

  it('has the frames of a window marked once', () => {
    const vmcore = openVmcoreBytes(splitIntoPages((pieces) => pieces.reverse()));
    const saved = findSavedMemory(vmcore, 1n << 30n);
    const marked: number[] = [];
    const kinds = {
      mark: (first: number, kinds: Uint8Array) => {
        marked.push(first);
        kinds[3] = KIND_LEFT_OUT;
      },
    };
    const marker = new LastWindowMarker(saved, kinds);
    const found = new Uint8Array(WINDOW_FRAMES);
    for (let round = 0; round < 3; round += 1) marker.mark(0x40000, found);
    marker.mark(0x40000 + WINDOW_FRAMES, found);
    expect(found.indexOf(KIND_LEFT_OUT)).toBe(3);
    expect(marked).toEqual([0x40000]);
  });
});

describe('PT_LOADs of the same memory', () => {
  const copies = (count: number): Uint8Array =>
    splitIntoPages((pieces) => Array.from({ length: count }, () => pieces).flat());

  /** Finds the pieces; fails if memory is read. */
  const find = (count: number) => {
    const vmcore = openVmcoreBytes(copies(count));
    const saved = findSavedMemory(vmcore, 1n << 30n);
    const memory = { ranges: () => [], presentRuns: () => [], read: () => expect.unreachable() };
    const filter = { saved: { ...saved, memory }, filter: 0, kinds: undefined, leftOut: new LeftOutCounts() };
    return runToEnd(findPieces(vmcore.loads, filter));
  };

  it('are saved if they are two, as those of the kernel’s text', () => {
    expect(find(2).flatMap(({ pieces }) => pieces)).toHaveLength(2048);
  });

  it('are refused if they are more, before any is read', () => {
    expect(catchRefusal(() => find(3))).toMatchObject({ errno: 'EINVAL', check: 'dump-save' });
  });
});

it('the bytes of the dump below an address are counted', () => {
  const ranges = [
    { start: 10, end: 20 },
    { start: 30, end: 40 },
  ];
  const count = createPresentCounter({ ranges } as never);
  expect([0, 10, 15, 20, 25, 30, 39, 40, 99].map(count)).toEqual([0, 0, 5, 10, 10, 10, 19, 20, 20]);
});
