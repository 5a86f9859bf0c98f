import { addNode, setProperty } from '../../src/formats/fdt/edit.js';
import { createFdt } from '../../src/formats/fdt/tree.js';
import { encodeU32 } from '../../src/formats/fdt/values.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import type { Arm64Facts, Arm64Machine } from '../../src/machine/arm64/arm64-machine.js';
import type { Machine } from '../../src/machine/machine-value.js';

export const MIB = 0x10_0000n;
export const GIB = 0x4000_0000n;

/** A device tree with 64-bit cells and an empty /chosen, and nothing else. */
export function buildSmallDeviceTree(): Uint8Array {
  const fdt = createFdt();
  setProperty(fdt, fdt.root, '#address-cells', encodeU32(2));
  setProperty(fdt, fdt.root, '#size-cells', encodeU32(2));
  addNode(fdt.root, 'chosen');
  return writeFdt(fdt);
}

/** Facts that a test gives; a machine that gets arm64 facts without a device tree gets a small one. */
export type TestFacts = Partial<Omit<Arm64Machine, 'arm64'>> & { readonly arm64?: Partial<Arm64Facts> };

/** A machine with 1 GiB of free RAM from 1 GiB on. */
export function buildMachine({ arm64, ...facts }: TestFacts = {}): Arm64Machine {
  return {
    architecture: 'arm64',
    name: 'test',
    memorySource: 'memblock',
    memory: [{ start: GIB, end: 2n * GIB }],
    reserved: [],
    pageSize: 4096,
    ...facts,
    arm64: {
      deviceTree: buildSmallDeviceTree(),
      ...(arm64 ?? { granules: [4096, 65536], mixedEndian: false }),
    },
  };
}

/** An arm64 machine that a function for all architectures returned. @throws Error if it is another */
export function asArm64(machine: Machine): Arm64Machine {
  if (machine.architecture === 'arm64') return machine;
  throw new Error(`${machine.name} has architecture ${machine.architecture}`);
}
