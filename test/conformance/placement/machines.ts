import { addNode, addReservation, findNode, setProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import type { Fdt, FdtNode } from '../../../src/formats/fdt/tree.js';
import { encodeRange, encodeString, encodeU32, encodeU64 } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import type { OracleRelease } from '../../support/oracle/oracle.js';
import { dumpDeviceTree } from '../../support/oracle/placement.js';
import { UEFI_FIRMWARE } from '../../support/uefi-firmware.js';
import { crash, halves, heavy, heavyCrash, odd, oddCrash, ordinary } from './loads.js';
import { type MachineShape, numaNodes } from './machine-shape.js';
import { NEWER_MACHINES } from './newer-machines.js';
import { UEFI_MACHINES } from './uefi-machines.js';

const MIB = 0x10_0000n;

/**
 * The machines of every release. Holes avoid the oracle itself, from 0x40200000 on, and the initramfs and the device tree, which QEMU
 * puts from 0x48000000 to 0x48500000. The oracle cannot record more than 128 holes before it has a console.
 */
const COMMON_MACHINES: readonly MachineShape[] = [
  // Sizes of memory, and CPUs.
  { name: '256M', memory: '256M', cpus: 1, loads: ordinary() },
  { name: '384M', memory: '384M', cpus: 2, loads: [...ordinary(), ...halves()] },
  { name: '513M', memory: '513M', cpus: 1, loads: ordinary() },
  { name: '1G', memory: '1G', cpus: 2, loads: [...ordinary(), ...heavy(), ...odd()] },
  { name: '1000M, 4 CPUs', memory: '1000M', cpus: 4, loads: ordinary() },
  { name: '2G', memory: '2G', cpus: 4, loads: [...ordinary(), ...heavy()] },
  { name: '3G', memory: '3G', cpus: 1, loads: ordinary() },
  { name: '4G', memory: '4G', cpus: 2, loads: [...ordinary(), ...heavy()] },
  { name: '6G', memory: '6G', cpus: 4, loads: [...ordinary(), ...heavy()] },

  // CPU features.
  { name: 'cortex-a53', memory: '512M', cpu: 'cortex-a53', loads: odd() },
  {
    name: 'cortex-a72, EL2',
    memory: '512M',
    cpu: 'cortex-a72',
    type: 'virt,virtualization=on',
    loads: odd(),
  },
  { name: 'neoverse-n1', memory: '1G', cpu: 'neoverse-n1', type: 'virt,gic-version=3', loads: odd() },

  // crashkernel=
  {
    name: '256M, crashkernel=96M',
    memory: '256M',
    cpus: 1,
    append: 'crashkernel=96M',
    loads: [...ordinary(), ...crash()],
  },
  {
    name: '1G, crashkernel=256M',
    memory: '1G',
    cpus: 2,
    append: 'crashkernel=256M',
    loads: [...ordinary(), ...heavy(), ...crash(), ...heavyCrash(), ...oddCrash()],
    next: { by: 'kexec', append: 'crashkernel=128M', loads: [...ordinary(), ...crash()] },
  },
  {
    name: '1G, crashkernel=1G',
    memory: '1G',
    append: 'crashkernel=1G',
    loads: crash(),
  },
  {
    name: '2G, crashkernel=200M@0x50000000',
    memory: '2G',
    cpus: 4,
    append: 'crashkernel=200M@0x50000000',
    loads: [...ordinary(), ...crash(), ...heavyCrash()],
    next: { by: 'crash', append: 'maxcpus=1', loads: ordinary() },
  },
  {
    name: '1G, crashkernel=40M',
    memory: '1G',
    append: 'crashkernel=40M',
    loads: crash(),
  },
  {
    name: '5G, crashkernel=256M',
    memory: '5G',
    cpus: 2,
    append: 'crashkernel=256M',
    loads: [...ordinary(), ...crash(), ...heavyCrash()],
    next: { by: 'crash', append: 'maxcpus=1', loads: ordinary() },
  },
  {
    name: '6G, crashkernel=2900M',
    memory: '6G',
    cpus: 4,
    append: 'crashkernel=2900M',
    loads: [...ordinary(), ...crash()],
  },
  {
    name: '6G, crashkernel=129M@0x123600000',
    memory: '6G',
    append: 'crashkernel=129M@0x123600000',
    loads: [...ordinary(), ...crash()],
  },
  // The oracle has no CONFIG_ZONE_DMA: all of its memory is low memory, and it finds none above.
  {
    name: '5G, crashkernel=256M,high',
    memory: '5G',
    append: 'crashkernel=256M,high',
    loads: [...ordinary(), ...crash()],
  },
  {
    name: '4G, crashkernel by size',
    memory: '4G',
    append: 'crashkernel=1G-2G:128M,2G-8G:192M',
    loads: crash(),
  },

  // mem=
  { name: '1G, mem=512M', memory: '1G', append: 'mem=512M', loads: ordinary() },
  { name: '1G, mem=700001K', memory: '1G', append: 'mem=700001K', loads: ordinary() },
  {
    name: '2G, mem=1100M crashkernel=128M',
    memory: '2G',
    append: 'mem=1100M crashkernel=128M',
    loads: [...ordinary(), ...crash()],
  },

  // Several nodes of memory.
  {
    name: 'two NUMA nodes',
    memory: '1G',
    cpus: 2,
    options: numaNodes(['512M', '512M']),
    append: 'crashkernel=128M',
    loads: [...ordinary(), ...crash()],
  },
  {
    name: 'four NUMA nodes',
    memory: '2G',
    cpus: 4,
    options: numaNodes(['256M', '640M', '128M', '1G']),
    loads: [...ordinary(), ...heavy()],
  },
  {
    name: 'RAM in pieces',
    memory: '1G',
    append: 'crashkernel=96M',
    edit: holes(
      [
        [0x5000_0000n, 0x10_0000n],
        [0x5800_0000n, 0x12_3000n],
        [0x6200_0000n, 0x800_0000n],
        [0x7777_7000n, 0x1000n],
      ],
      'no-map',
    ),
    loads: [...ordinary(), ...heavy(), ...crash()],
  },
  {
    name: 'RAM in a hundred pieces',
    memory: '1G',
    append: 'crashkernel=96M',
    edit: holes(everyTwoMib(0x5000_0000n, 0x5c80_0000n), 'no-map'),
    loads: [...ordinary(), ...crash()],
  },

  // Reserved memory.
  {
    name: 'reserved memory',
    memory: '1G',
    cpus: 2,
    edit: holes([
      [0x4200_0000n, 16n * MIB],
      [0x4480_0000n, 0x1_2345n],
      [0x4c00_0000n, 0x100n],
      [0x6000_0000n, 128n * MIB],
    ]),
    loads: [...ordinary(), ...heavy()],
  },
  {
    name: 'room for a kernel, and nothing above it',
    memory: '512M',
    cpus: 1,
    edit: holes([
      [0x4600_0000n, 0x200_0000n],
      [0x4860_0000n, 0x12a0_0000n],
    ]),
    loads: [...ordinary(), ...odd()],
  },
  {
    name: 'no place for a device tree in the highest 192 MiB',
    memory: '1G',
    edit: holes(everyTwoMib(0x7400_0000n, 0x7fe0_0000n)),
    loads: ordinary(),
  },
  {
    name: 'no place for a device tree above 32 MiB',
    memory: '512M',
    edit: holes([
      ...everyTwoMib(0x4200_0000n, 0x47e0_0000n),
      [0x4860_0000n, 0x12a0_0000n],
      ...everyTwoMib(0x5b00_0000n, 0x5fe0_0000n),
    ]),
    loads: [...ordinary(), ...odd()],
  },
  {
    name: 'reservations in the device tree',
    memory: '1G',
    append: 'crashkernel=128M',
    edit: (fdt) => {
      addReservation(fdt, 0x4180_0000n, 0x1001n);
      addReservation(fdt, 0x5555_5555n, 0x5555n);
      addReservation(fdt, 0x7000_0000n, 64n * MIB);
    },
    loads: [...ordinary(), ...crash()],
    next: { by: 'kexec', append: '', loads: ordinary() },
  },

  // Other properties of the device tree.
  {
    name: 'a device tree that says where an initrd begins, and not where it ends',
    memory: '512M',
    append: 'crashkernel=96M',
    initrdAddress: 0x5000_0000n,
    edit: (fdt) => setChosen(fdt, 'linux,initrd-start', encodeU64(0x5000_0000n)),
    loads: [...ordinary(), ...crash()],
  },
  {
    name: 'a device tree without an initrd',
    memory: '512M',
    append: 'crashkernel=96M',
    initrdAddress: 0x5000_0000n,
    loads: [...ordinary(), ...crash()],
  },
  {
    name: 'a device tree with more in it than the kernel needs',
    memory: '1G',
    edit: (fdt) => {
      setChosen(fdt, 'linux,usable-memory-range', new Uint8Array(0));
      setChosen(fdt, 'linux,elfcorehdr', new Uint8Array(0));
      setChosen(fdt, 'stdout-path', encodeString('/pl011@9000000'));
      for (let index = 0; index < 200; index++) {
        const node = addNode(fdt.root, `more-${index}`);
        setProperty(fdt, node, `property-${index}`, new Uint8Array(index));
      }
    },
    loads: [...ordinary(), ...crash()],
  },
];

/** The machines of a release, all of them. */
export function machinesOf(release: OracleRelease): readonly MachineShape[] {
  const all = [...COMMON_MACHINES, ...UEFI_MACHINES, ...NEWER_MACHINES];
  return all.filter(({ only }) => only === undefined || only === release);
}

/**
 * On Linux 7.3, without `--all`, only every third of the machines that Linux 6.12 has, too, and that have neither UEFI nor
 * a next kernel.
 */
const STEP = 3;

/** The machines on which an oracle is asked in every run. */
export function selectMachines(release: OracleRelease): readonly MachineShape[] {
  const machines = machinesOf(release);
  if (release === '6.12') return machines;
  const isPlain = ({ uefi = false, only, next }: MachineShape): boolean =>
    !uefi && only === undefined && next === undefined;
  const plain = machines.filter(isPlain);
  return machines.filter((shape) => !isPlain(shape) || plain.indexOf(shape) % STEP === 0);
}

/** QEMU's arguments for a machine. */
export function buildQemuArguments({
  type = 'virt',
  cpu = 'cortex-a57',
  memory,
  cpus = 1,
  uefi = false,
  options = [],
}: MachineShape): string[] {
  const firmware = uefi ? ['-bios', UEFI_FIRMWARE] : [];
  return ['-M', type, '-cpu', cpu, '-m', memory, '-smp', String(cpus), ...firmware, ...options];
}

/** The changed device tree of a machine; undefined if it is not changed. */
export function editedDeviceTree(shape: MachineShape): Uint8Array | undefined {
  if (shape.edit === undefined) return undefined;
  const fdt = parseFdt(dumpDeviceTree(buildQemuArguments(shape)));
  shape.edit(fdt);
  return writeFdt(fdt);
}

function setChosen(fdt: Fdt, name: string, value: Uint8Array): void {
  setProperty(fdt, findNode(fdt, '/chosen') ?? addNode(fdt.root, 'chosen'), name, value);
}

/** The first page of every 2 MiB: no kernel or device tree can begin there. */
function everyTwoMib(first: bigint, last: bigint): (readonly [address: bigint, size: bigint])[] {
  const count = Number((last - first) / (2n * MIB)) + 1;
  return Array.from({ length: count }, (_, index) => [first + BigInt(index) * 2n * MIB, 0x1000n]);
}

/** Nodes of /reserved-memory at fixed addresses, of a given size in bytes. */
function holes(
  ranges: readonly (readonly [address: bigint, size: bigint])[],
  noMap?: 'no-map',
): (fdt: Fdt) => void {
  return (fdt) => {
    const parent = addNode(fdt.root, 'reserved-memory');
    setProperty(fdt, parent, '#address-cells', encodeU32(2));
    setProperty(fdt, parent, '#size-cells', encodeU32(2));
    setProperty(fdt, parent, 'ranges', new Uint8Array(0));
    for (const [address, size] of ranges) {
      const hole: FdtNode = addNode(parent, `hole@${address.toString(16)}`);
      setProperty(fdt, hole, 'reg', encodeRange({ address, size }, 2, 2));
      if (noMap !== undefined) setProperty(fdt, hole, noMap, new Uint8Array(0));
    }
  };
}
