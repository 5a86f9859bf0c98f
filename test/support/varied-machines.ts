/** Machines of few shapes, varied from recorded ones: what differs in a fleet, and what makes another shape. */

import type { Machine } from '../../src/machine/machine-value.js';
import { PRESETS } from '../../src/machine/presets/presets.js';
import { buildMachine, GIB, MIB } from './machine.js';
import { recordX86, X86_RECORDINGS } from './x86-machine.js';
import { DEBIAN_PURGATORY } from './x86-pc.js';

/** The addresses of a running kernel of arm64, which a crash kernel gets. */
const CRASH_FACTS = {
  notes: [{ start: GIB + MIB, end: GIB + MIB + 424n }],
  vmcoreinfo: { start: GIB + 2n * MIB, end: GIB + 2n * MIB + 1024n },
  text: { start: GIB + 4n * MIB, end: GIB + 36n * MIB, virtual: 0xffff_8000_8000_0000n },
  linearMap: { physical: GIB, virtual: 0xffff_0000_0000_0000n },
};

/** The recorded machines of both architectures, and arm64 machines with and without what a load needs. */
export function listRecordedMachines(): readonly Machine[] {
  const crashRegion = { high: { start: GIB + 512n * MIB, end: GIB + 768n * MIB } };
  const x86 = X86_RECORDINGS.map((name) => recordX86(name));
  return [
    ...x86,
    ...x86.map((machine) => ({ ...machine, x86: { ...machine.x86, purgatory: DEBIAN_PURGATORY } })),
    PRESETS['qemu-virt'](),
    PRESETS['qemu-q35'](),
    buildMachine({ crashRegion, crash: CRASH_FACTS, reserved: [crashRegion.high] }),
    buildMachine({ crashRegion, kernel: { release: '6.12.1' } }),
    buildMachine({ memory: [{ start: GIB, end: GIB + 24n * MIB }], bootFiles: ['/etc/default/grub'] }),
    buildMachine({ pageSize: 65536, arm64: { granules: [65536] } }),
  ];
}

/** Changes of facts that loads read. */
const SHAPES: readonly ((machine: Machine) => Machine)[] = [
  (machine) => machine,
  (machine) => ({ ...machine, commandLine: 'console=ttyS0 lockdown=integrity' }),
  ({ crashRegion: _, ...machine }) => machine as Machine,
  (machine) => ({ ...machine, totalRam: 300n * MIB }),
  (machine) => ({ ...machine, kexecSignature: 'force', lockdown: 'integrity' }),
  (machine) => ({ ...machine, unknown: [{ fact: 'fdt', reason: `${machine.name}: denied` }] }),
  (machine) => ({ ...machine, kernel: { ...machine.kernel, release: '5.10.0' } }),
];

/** Changes of facts that no load reads. */
const OUTSIDE: readonly ((machine: Machine, index: number) => Machine)[] = [
  (machine) => machine,
  (machine, index) => ({ ...machine, systemVendor: `vendor ${index}`, systemProduct: `board ${index % 7}` }),
  (machine, index) => ({ ...machine, firmware: { vendor: 'EDK II', version: `2026.${index}` } }),
  (machine, index) => ({ ...machine, kernel: { ...machine.kernel, kexecLoadLimitReboot: index } }),
  (machine, index) => ({ ...machine, kernelImage: { code: { start: 0n, end: BigInt(index + 1) } } }),
];

/** Builds the machine of a number, the same each time; its name has no other. */
export function buildVariedMachine(recorded: readonly Machine[], index: number): Machine {
  const base = recorded[index % recorded.length] as Machine;
  const shape = SHAPES[Math.floor(index / recorded.length) % SHAPES.length] as (typeof SHAPES)[number];
  const outside = OUTSIDE[Math.floor(index / 3) % OUTSIDE.length] as (typeof OUTSIDE)[number];
  return outside({ ...shape(base), name: `host${index}` }, index);
}
