import { rangeOf } from '../../src/base/range.js';
import { buildQemuQ35 } from '../../src/machine/presets/qemu-q35.js';
import type { KernelPurgatory, X86Facts, X86Machine } from '../../src/machine/x86-64/x86-machine.js';

export const MIB = 1n << 20n;

const { memory, pageSize, architecture, memorySource, x86: q35 } = buildQemuQ35();
const { e820, resources, purgatory } = q35;
if (e820 === undefined || resources === undefined || purgatory === undefined)
  throw new Error('the preset qemu-q35 is not complete');

/** The resources of a PC of QEMU with SeaBIOS and 2 GiB: those of the preset. */
export const SEABIOS_MEMORY = memory;

/** The firmware's map of the same PC. */
export const SEABIOS_E820 = e820;

const SEABIOS_RESOURCES = resources;

/** The sizes of Debian's purgatory, without its code. */
export const DEBIAN_PURGATORY: KernelPurgatory = purgatory;

/** A PC of QEMU with SeaBIOS, 2 GiB and Debian's cloud kernel, with a crash region, and boot parameters of zeros. */
export function buildX86Machine(facts: Partial<X86Machine> = {}, x86: Partial<X86Facts> = {}): X86Machine {
  return {
    ...{ architecture, memorySource, memory, pageSize },
    name: 'seabios',
    reserved: [rangeOf(0x5e00_0000n, 512n * MIB)],
    totalRam: 2048n * MIB,
    crashRegion: { high: rangeOf(0x5e00_0000n, 512n * MIB) },
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
      resources: SEABIOS_RESOURCES,
      purgatory: DEBIAN_PURGATORY,
      bootParams: new Uint8Array(4096),
      crashElfcorehdrSize: 917616n,
      ...x86,
    },
  };
}
