import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Range, subtract, union } from '../../../src/base/range.js';
import { readAddressCells, readSizeCells } from '../../../src/formats/fdt/cells.js';
import { addNode, addReservation, ensureNode, findNode, setProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import type { Fdt, FdtNode } from '../../../src/formats/fdt/tree.js';
import {
  encodeRange,
  encodeString,
  encodeU32,
  encodeU64,
  type FdtRange,
} from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import type { Arm64Machine } from '../../../src/machine/arm64/arm64-machine.js';
import { mergeBoardDeviceTree } from '../../../src/machine/arm64/board-device-tree.js';
import { findReservations } from '../../../src/machine/device-tree.js';
import { findMemory } from '../../../src/machine/device-tree-memory.js';
import { recordMachine } from '../../../src/machine/record.js';
import { inPairs, run } from '../../formats/fdt/tools.js';
import { corpus } from '../../support/corpus.js';
import { buildImage } from '../../support/image.js';
import { countingRandom, findSegment, loadOrFail } from '../../support/load.js';
import { asArm64, MIB } from '../../support/machine.js';

/** One board file in three. */
const BOARDS = corpus.deviceTrees().filter((_, index) => index % 3 === 0);

/** RAM where no board file has reserved anything, and that cells of 32 bits can tell. */
const BANK = { address: 0x7000_0000n, size: 64n * MIB };
const SECURE = { address: 0x7300_0000n, size: MIB };
const SPIN_TABLE = { address: 0x7000_0000n, size: 0x1000n };
const OLD_INITRD = { address: 0x7100_0000n, size: 0x1_2345n };

/** What firmware makes of a board file as it starts a kernel. Memory that the file knows is let be. */
function boot(file: Uint8Array): Fdt {
  const fdt = parseFdt(file);
  if (findMemory(fdt).length === 0) {
    const memory = addNode(fdt.root, 'memory@70000000');
    setProperty(fdt, memory, 'device_type', encodeString('memory'));
    setProperty(fdt, memory, 'reg', reg(BANK, fdt.root));
  }
  const regions = ensureNode(fdt, '/reserved-memory');
  setProperty(fdt, regions, '#address-cells', encodeU32(readAddressCells(fdt.root)));
  setProperty(fdt, regions, '#size-cells', encodeU32(readSizeCells(fdt.root)));
  setProperty(fdt, regions, 'ranges', new Uint8Array(0));
  const secure = addNode(regions, 'test-secure@73000000');
  setProperty(fdt, secure, 'reg', reg(SECURE, fdt.root));
  setProperty(fdt, secure, 'no-map', new Uint8Array(0));
  for (const { address, size } of [SPIN_TABLE, OLD_INITRD]) addReservation(fdt, address, size);

  const chosen = ensureNode(fdt, '/chosen');
  setProperty(fdt, chosen, 'linux,uefi-system-table', encodeU64(0x7200_0000n));
  setProperty(fdt, chosen, 'linux,initrd-start', encodeU64(OLD_INITRD.address));
  setProperty(fdt, chosen, 'linux,initrd-end', encodeU64(OLD_INITRD.address + OLD_INITRD.size));
  setProperty(fdt, fdt.root, 'serial-number', encodeString('0123'));
  return fdt;
}

function reg(range: FdtRange, parent: FdtNode): Uint8Array {
  return encodeRange(range, readAddressCells(parent), readSizeCells(parent));
}

function rangeOf({ address, size }: FdtRange): Range {
  return { start: address, end: address + size };
}

/** A machine that runs a board file. */
function runningMachine(file: Uint8Array): Arm64Machine {
  return asArm64(recordMachine('board', { fdt: writeFdt(boot(file)) }));
}

describe('the device trees of real boards', () => {
  it("get the facts of a running machine's firmware, and are loaded", async () => {
    expect(BOARDS.length).toBeGreaterThan(300);
    await inPairs(BOARDS, async (path) => {
      const file = new Uint8Array(readFileSync(path));
      const running = runningMachine(file);
      const { machine, notes } = mergeBoardDeviceTree(running, file);
      const [before, merged] = [parseFdt(running.arm64.deviceTree), parseFdt(machine.arm64.deviceTree)];

      expect(union(findMemory(merged)), path).toEqual(union(findMemory(before)));
      expect(subtract(findReservations(before), findReservations(merged)), path).toEqual([]);
      expect(findNode(merged, '/reserved-memory/test-secure@73000000'), path).toBeDefined();
      expect(notes.join('\n'), path).toContain('linux,uefi-system-table');
      expect(
        await run('dtc', ['-q', '-I', 'dtb', '-O', 'dts', '-'], machine.arm64.deviceTree),
        path,
      ).toContain('serial-number = "0123"');

      const request = { kernel: buildImage(), options: { commandLine: 'quiet' }, random: countingRandom };
      const next = parseFdt(findSegment(loadOrFail(request, machine).kimage, 'dtb').bytes);
      const kept = [rangeOf(SPIN_TABLE), rangeOf(SECURE)];
      expect(subtract(kept, findReservations(next)), path).toEqual([]);
      expect(subtract([rangeOf(OLD_INITRD)], findReservations(next)), path).not.toEqual([]);
    });
  }, 300_000);

  it('are refused for another board', () => {
    const [first = '', ...others] = BOARDS;
    const running = runningMachine(new Uint8Array(readFileSync(first)));
    const strangers = others.filter((path) => !path.includes('/allwinner/'));
    expect(first).toContain('/allwinner/');
    expect(strangers.length).toBeGreaterThan(200);
    for (const path of strangers) {
      expect(() => mergeBoardDeviceTree(running, new Uint8Array(readFileSync(path))), path).toThrow(
        expect.objectContaining({ check: 'board-compatible' }),
      );
    }
  });
});
