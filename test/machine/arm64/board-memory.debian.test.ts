import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatRange, type Range } from '../../../src/base/range.js';
import { readAddressCells, readSizeCells } from '../../../src/formats/fdt/cells.js';
import { getProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import type { Fdt, FdtNode } from '../../../src/formats/fdt/tree.js';
import { encodeCells } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { isMemory } from '../../../src/machine/device-tree.js';
import { findMemory } from '../../../src/machine/device-tree-memory.js';
import { recordMachine } from '../../../src/machine/record.js';
import { type Block, buildBoardTree } from '../../support/board.js';
import { corpus } from '../../support/corpus.js';
import { MEMORY_VARIANTS } from '../../support/memory-variants.js';

const PAGE = 4096n;

/** The kernel's memory: one page after the other would take too long, so ends of pages are counted. */
function readNaively({ root }: Fdt): string[] {
  const [addressCells, sizeCells] = [readAddressCells(root), readSizeCells(root)];
  let ranges: Range[] = [];
  for (const node of root.children) {
    const text = (name: string) =>
      Buffer.from(getProperty(node, name) ?? [])
        .toString('latin1')
        .split('\0')[0];
    const status = text('status');
    if (text('device_type') !== 'memory' || (status !== '' && status !== 'ok' && status !== 'okay')) continue;
    const value = getProperty(node, 'linux,usable-memory') ?? getProperty(node, 'reg') ?? new Uint8Array(0);
    const cells = Array.from({ length: Math.floor(value.length / 4) }, (_, at) =>
      BigInt(Buffer.from(value).readUInt32BE(4 * at)),
    );
    for (let at = 0; at + addressCells + sizeCells <= cells.length; at += addressCells + sizeCells) {
      const read = (from: number, count: number): bigint =>
        cells.slice(from, from + count).reduce((number, cell) => (number << 32n) | cell, 0n);
      const address = read(at, addressCells);
      const end = address + read(at + addressCells, sizeCells);
      const start = ((address + PAGE - 1n) / PAGE) * PAGE;
      const last = ((end < 1n << 64n ? end : 1n << 64n) / PAGE) * PAGE;
      if (last > start) ranges = addRange(ranges, { start, end: last });
    }
  }
  return ranges.map(formatRange);
}

/** Adds a range to ranges that are apart, and swallows all that it touches. */
function addRange(ranges: readonly Range[], added: Range): Range[] {
  const touching = ranges.filter(({ start, end }) => start <= added.end && added.start <= end);
  const joined = touching.reduce(
    (all, { start, end }) => ({
      start: start < all.start ? start : all.start,
      end: end > all.end ? end : all.end,
    }),
    added,
  );
  return [...ranges.filter((range) => !touching.includes(range)), joined].sort((a, b) =>
    a.start < b.start ? -1 : 1,
  );
}

/** A memory node in the cells of another tree; undefined if its addresses do not fit. */
function convertNode(node: FdtNode, { root }: Fdt): FdtNode | undefined {
  const [addressCells, sizeCells] = [readAddressCells(root), readSizeCells(root)];
  const fits = (cells: number) => (value: bigint) => value < 1n << BigInt(32 * cells);
  const properties = node.properties.map(({ name, value }) => {
    if (name !== 'reg' && name !== 'linux,usable-memory') return { name, value };
    const bytes = Buffer.from(value);
    const blocks = Array.from(
      { length: Math.floor(bytes.length / 16) },
      (_, at): Block => [bytes.readBigUInt64BE(16 * at), bytes.readBigUInt64BE(16 * at + 8)],
    );
    if (!blocks.every(([address, size]) => fits(addressCells)(address) && fits(sizeCells)(size)))
      return undefined;
    const parts = blocks.flatMap(([address, size]) => [
      encodeCells(address, addressCells),
      encodeCells(size, sizeCells),
    ]);
    return { name, value: new Uint8Array(Buffer.concat(parts)) };
  });
  const whole = properties.filter((property) => property !== undefined);
  return whole.length < properties.length ? undefined : { name: node.name, properties: whole, children: [] };
}

/** The variants without NUMA nodes, which the naive reader does not know. */
const VARIANTS = MEMORY_VARIANTS.filter(([name]) => !name.includes('NUMA'));

it('memory of every board of Debian, and each variant of it, is read as the kernel reads it', () => {
  let read = 0;
  for (const path of corpus.deviceTrees()) {
    const bytes = new Uint8Array(readFileSync(path));
    const fdt = parseFdt(bytes);
    expect(findMemory(fdt).map(formatRange), path).toEqual(readNaively(fdt));
    const others = fdt.root.children.filter((node) => !isMemory(node));
    for (const [name, { nodes }] of VARIANTS) {
      const converted = buildBoardTree({ nodes })
        .root.children.filter(isMemory)
        .map((node) => convertNode(node, fdt));
      if (converted.includes(undefined)) continue;
      fdt.root.children = [...converted.filter((node) => node !== undefined), ...others];
      expect(findMemory(fdt).map(formatRange), `${path}: ${name}`).toEqual(readNaively(fdt));
      read += 1;
    }
  }
  expect(read).toBeGreaterThan(10_000);
});

it('every board of Debian that has memory is recorded', () => {
  let recorded = 0;
  for (const path of corpus.deviceTrees()) {
    const fdt = parseFdt(new Uint8Array(readFileSync(path)));
    const memory = findMemory(fdt).filter(({ end }) => end <= 1n << 47n);
    if (memory.length === 0) continue;
    expect(recordMachine('board', { fdt: writeFdt(fdt) }).memory, path).toEqual(memory);
    recorded += 1;
  }
  expect(recorded).toBeGreaterThan(300);
});
