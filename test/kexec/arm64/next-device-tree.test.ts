import { describe, expect, it } from 'vitest';
import { Trail } from '../../../src/base/trail.js';
import {
  addReservation,
  deleteNode,
  findNode,
  getProperty,
  setProperty,
} from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import type { Fdt, FdtNode } from '../../../src/formats/fdt/tree.js';
import {
  encodeString,
  encodeU32,
  encodeU64,
  readCells,
  readString,
  readU64,
} from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { buildNextDeviceTree, type ChosenFacts } from '../../../src/kexec/arm64/next-device-tree.js';
import type { Arm64Facts, Arm64Machine } from '../../../src/machine/arm64/arm64-machine.js';
import { countingRandom } from '../../support/load.js';
import { buildMachine, buildSmallDeviceTree, GIB, MIB } from '../../support/machine.js';

const NOTHING: ChosenFacts = {
  commandLine: undefined,
  initrd: undefined,
  elfcorehdr: undefined,
  random: countingRandom,
};

/** A machine whose device tree was changed first. */
function machineWith(
  change: (fdt: Fdt, chosen: FdtNode) => void,
  facts: Partial<Arm64Machine> = {},
): Arm64Machine {
  const fdt = parseFdt(buildSmallDeviceTree());
  change(fdt, chosenOf(fdt));
  return buildMachine({ arm64: { deviceTree: writeFdt(fdt) }, ...facts });
}

function chosenOf(fdt: Fdt): FdtNode {
  const chosen = findNode(fdt.root, '/chosen');
  if (chosen === undefined) throw new Error('there is no /chosen');
  return chosen;
}

function next(
  machine: Arm64Machine,
  facts: Partial<ChosenFacts> = {},
): { fdt: Fdt; chosen: FdtNode; trail: Trail } {
  const trail = new Trail();
  const fdt = parseFdt(buildNextDeviceTree(machine, { ...NOTHING, ...facts }, trail));
  return { fdt, chosen: chosenOf(fdt), trail };
}

const names = (node: FdtNode): string[] => node.properties.map(({ name }) => name).sort();

describe('the next device tree', () => {
  it('does not depend on earlier loads on the machine', () => {
    const change = (fdt: Fdt, chosen: FdtNode): void => {
      addReservation(fdt, GIB, MIB);
      setProperty(fdt, chosen, 'linux,initrd-end', encodeU64(GIB + MIB));
      setProperty(fdt, chosen, 'linux,initrd-start', encodeU64(GIB));
      setProperty(fdt, chosen, 'bootargs', encodeString('old'));
      setProperty(fdt, chosen, 'linux,elfcorehdr', encodeU64(GIB));
      for (const property of chosen.properties) property.nopsBefore = 1;
    };
    const withoutChosen = (fdt: Fdt): void => {
      deleteNode(fdt.root, 'chosen');
      fdt.root.nopsAtEnd = 2;
    };
    const initrd = { start: 2n * GIB, end: 2n * GIB + MIB };
    for (const make of [() => machineWith(change), () => machineWith(withoutChosen)]) {
      const machine = make();
      const build = (of: Arm64Machine, facts: Partial<ChosenFacts>) =>
        buildNextDeviceTree(of, { ...NOTHING, ...facts }, new Trail());
      for (const facts of [{ commandLine: 'new', initrd }, {}, { initrd }, { commandLine: 'newer' }]) {
        expect(build(machine, facts)).toEqual(build(make(), facts));
      }
    }
  });

  it('has fresh seeds and says that it comes from kexec', () => {
    const { chosen } = next(buildMachine());
    expect(names(chosen)).toEqual(['kaslr-seed', 'linux,booted-from-kexec', 'rng-seed']);
    expect(getProperty(chosen, 'kaslr-seed')).toEqual(countingRandom(8));
    expect(getProperty(chosen, 'rng-seed')).toEqual(countingRandom(128));
    expect(getProperty(chosen, 'linux,booted-from-kexec')).toHaveLength(0);
  });

  it('drops stale seeds, and notes that, without a random source', () => {
    const machine = machineWith((fdt, chosen) => {
      setProperty(fdt, chosen, 'kaslr-seed', encodeU64(1n));
      setProperty(fdt, chosen, 'rng-seed', new Uint8Array(32));
    });
    const { chosen, trail } = next(machine, { random: undefined });
    expect(names(chosen)).toEqual(['linux,booted-from-kexec']);
    expect(trail.entries).toContainEqual(
      expect.objectContaining({ verdict: 'note', detail: expect.stringContaining('no random source') }),
    );
  });

  it('adds /chosen if it is missing', () => {
    const machine = machineWith((fdt) => deleteNode(fdt.root, 'chosen'));
    expect(names(next(machine).chosen)).toContain('linux,booted-from-kexec');
  });

  it('sets bootargs, or deletes the old', () => {
    const machine = machineWith((fdt, chosen) => setProperty(fdt, chosen, 'bootargs', encodeString('old')));
    const set = getProperty(next(machine, { commandLine: 'new "quoted"' }).chosen, 'bootargs');
    expect(readString(set ?? new Uint8Array(0))).toBe('new "quoted"');
    expect(getProperty(next(machine).chosen, 'bootargs')).toBeUndefined();
  });

  it('names the initrd by two u64 and reserves its exact bytes', () => {
    const initrd = { start: GIB, end: GIB + 5000n };
    const { fdt, chosen } = next(buildMachine(), { initrd });
    expect(readU64(getProperty(chosen, 'linux,initrd-start') ?? new Uint8Array(0))).toBe(initrd.start);
    expect(readU64(getProperty(chosen, 'linux,initrd-end') ?? new Uint8Array(0))).toBe(initrd.end);
    expect(fdt.reservations).toEqual([{ address: GIB, size: 5000n }]);
  });

  it.each([
    ['exactly', 5000n],
    ['in whole pages', 8192n],
  ])('forgets the old initrd, reserved %s, and keeps other reservations', (_, reserved) => {
    const machine = machineWith((fdt, chosen) => {
      setProperty(fdt, chosen, 'linux,initrd-start', encodeU32(Number(GIB)));
      setProperty(fdt, chosen, 'linux,initrd-end', encodeU32(Number(GIB) + 5000));
      addReservation(fdt, GIB, reserved);
      addReservation(fdt, 3n * GIB, 4096n);
    });
    const { fdt, chosen } = next(machine);
    expect(fdt.reservations).toEqual([{ address: 3n * GIB, size: 4096n }]);
    expect(getProperty(chosen, 'linux,initrd-start')).toBeUndefined();
    expect(getProperty(chosen, 'linux,initrd-end')).toBeUndefined();
  });

  it('refuses an initrd-start without an end, and an end below the start', () => {
    const refusal = expect.objectContaining({ check: 'dtb-chosen', errno: 'EINVAL' });
    const startAlone = machineWith((fdt, chosen) =>
      setProperty(fdt, chosen, 'linux,initrd-start', encodeU64(1n)),
    );
    expect(() => next(startAlone)).toThrow(refusal);
    const backwards = machineWith((fdt, chosen) => {
      setProperty(fdt, chosen, 'linux,initrd-start', encodeU64(2n));
      setProperty(fdt, chosen, 'linux,initrd-end', encodeU64(1n));
    });
    expect(() => next(backwards)).toThrow(refusal);
  });

  it('forgets where the old device tree was, known by its address or by its size', () => {
    const withReservation = (facts: Partial<Arm64Facts>): Arm64Machine => {
      const add = (size: bigint) => machineWith((fdt) => addReservation(fdt, 2n * GIB, size));
      const machine = add(BigInt(add(1n).arm64.deviceTree.length));
      return { ...machine, arm64: { ...machine.arm64, ...facts } };
    };
    expect(next(withReservation({ deviceTreeAddress: 2n * GIB })).fdt.reservations).toEqual([]);
    expect(next(withReservation({})).fdt.reservations).toEqual([]);
    expect(next(withReservation({ deviceTreeAddress: GIB })).fdt.reservations).toHaveLength(1);
  });

  it('drops what an earlier kexec and IMA left behind', () => {
    const machine = machineWith((fdt, chosen) => {
      setProperty(fdt, chosen, 'linux,elfcorehdr', new Uint8Array(16));
      setProperty(fdt, chosen, 'linux,usable-memory-range', new Uint8Array(16));
      setProperty(
        fdt,
        chosen,
        'linux,ima-kexec-buffer',
        Uint8Array.from([...encodeU64(GIB), ...encodeU64(4096n)]),
      );
      addReservation(fdt, GIB, 4096n);
    });
    const { fdt, chosen } = next(machine);
    expect(names(chosen)).toEqual(['kaslr-seed', 'linux,booted-from-kexec', 'rng-seed']);
    expect(fdt.reservations).toEqual([]);
  });

  describe('of a crash kernel', () => {
    const high = { start: 5n * GIB, end: 5n * GIB + 256n * MIB };
    const low = { start: GIB, end: GIB + 128n * MIB };
    const elfcorehdr = { start: high.end - 0x1_0000n, end: high.end - 0xf000n };

    it('names elfcorehdr and the usable memory, high region first', () => {
      const { fdt, chosen } = next(buildMachine({ crashRegion: { high, low } }), { elfcorehdr });
      const numbers = (name: string): bigint[] => {
        const value = getProperty(chosen, name) ?? new Uint8Array(0);
        return Array.from({ length: value.length / 8 }, (_, at) =>
          readCells(value.subarray(8 * at, 8 * at + 8), 2),
        );
      };
      expect(numbers('linux,elfcorehdr')).toEqual([elfcorehdr.start, 0x1000n]);
      expect(numbers('linux,usable-memory-range')).toEqual([high.start, 256n * MIB, low.start, 128n * MIB]);
      expect(fdt.reservations).toEqual([{ address: elfcorehdr.start, size: 0x1000n }]);
    });

    it('refuses an address that does not fit the one cell of the root', () => {
      const machine = machineWith(
        (fdt) => {
          setProperty(fdt, fdt.root, '#address-cells', encodeU32(1));
          setProperty(fdt, fdt.root, '#size-cells', encodeU32(1));
        },
        { crashRegion: { high } },
      );
      expect(() => next(machine, { elfcorehdr })).toThrow(expect.objectContaining({ errno: 'EINVAL' }));
    });
  });
});
