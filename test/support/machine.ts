import { addNode, setProperty } from '../../src/formats/fdt/edit.js';
import { createFdt } from '../../src/formats/fdt/tree.js';
import { encodeU32 } from '../../src/formats/fdt/values.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import type { Machine } from '../../src/machine/machine-value.js';

export const MIB = 0x10_0000n;
export const GIB = 0x4000_0000n;

/** A device tree with nothing but cells of 64 bits and an empty /chosen. */
export function smallDeviceTree(): Uint8Array {
  const fdt = createFdt();
  setProperty(fdt, fdt.root, '#address-cells', encodeU32(2));
  setProperty(fdt, fdt.root, '#size-cells', encodeU32(2));
  addNode(fdt.root, 'chosen');
  return writeFdt(fdt);
}

/** A machine with 1 GiB of RAM from 1 GiB on, of which nothing is taken. */
export function buildMachine(facts: Partial<Machine> = {}): Machine {
  return {
    name: 'test',
    memorySource: 'memblock',
    memory: [{ start: GIB, end: 2n * GIB }],
    reserved: [],
    deviceTree: smallDeviceTree(),
    pageSize: 4096,
    cpu: { granules: [4096, 65536], mixedEndian: false },
    ...facts,
  };
}
