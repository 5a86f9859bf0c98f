import { rangeOf } from '../../src/base/range.js';
import type { X86Facts, X86Machine } from '../../src/machine/x86-64/x86-machine.js';

export const MIB = 1n << 20n;

/** The sizes of Debian's purgatory, without its code. */
export const DEBIAN_PURGATORY = { bufsz: 0x4000n, memsz: 0x5000n, alignment: 0x1000n };

/** The resources of a PC of QEMU with SeaBIOS and 2 GiB. */
export const SEABIOS_MEMORY = [
  { start: 0x1000n, end: 0x9fc00n },
  { start: 0x10_0000n, end: 0x7ffe_0000n },
];

/** The firmware's map of the same PC. */
export const SEABIOS_E820 = [
  { range: { start: 0n, end: 0x9fc00n }, type: 1 },
  { range: { start: 0x9fc00n, end: 0xa0000n }, type: 2 },
  { range: { start: 0xf0000n, end: 0x100000n }, type: 2 },
  { range: { start: 0x10_0000n, end: 0x7ffe_0000n }, type: 1 },
  { range: { start: 0x7ffe_0000n, end: 0x8000_0000n }, type: 2 },
  { range: { start: 0xfffc_0000n, end: 0x1_0000_0000n }, type: 2 },
];

/** A PC of QEMU with SeaBIOS, 2 GiB and Debian's cloud kernel. */
export function buildX86Machine(facts: Partial<X86Machine> = {}, x86: Partial<X86Facts> = {}): X86Machine {
  return {
    architecture: 'x86_64',
    name: 'seabios',
    memorySource: 'iomem',
    memory: SEABIOS_MEMORY,
    reserved: [rangeOf(0x5e00_0000n, 512n * MIB)],
    totalRam: 2048n * MIB,
    crashRegion: { high: rangeOf(0x5e00_0000n, 512n * MIB) },
    pageSize: 4096,
    crash: {
      notes: [rangeOf(2n * MIB, 424n), rangeOf(3n * MIB, 424n)],
      vmcoreinfo: rangeOf(4n * MIB, 4096n),
      text: { start: 0x2100_0000n, end: 0x2400_0000n, virtual: 0xffff_ffff_a000_0000n },
      linearMap: { physical: 0n, virtual: 0xffff_9000_0000_0000n },
    },
    kernel: { release: '6.12.117+deb12-cloud-amd64' },
    ...facts,
    x86: {
      e820: SEABIOS_E820,
      resources: [
        { name: 'Reserved', range: { start: 0n, end: 0x1000n } },
        { name: 'Reserved', range: { start: 0x9fc00n, end: 0xa0000n } },
        { name: 'Reserved', range: { start: 0x7ffe_0000n, end: 0x8000_0000n } },
      ],
      bootParams: new Uint8Array(4096),
      purgatory: DEBIAN_PURGATORY,
      crashElfcorehdrSize: 917616n,
      ...x86,
    },
  };
}
