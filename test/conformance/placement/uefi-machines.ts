import { crash, heavy, heavyCrash, ordinary } from './loads.js';
import { type MachineShape, numaNodes } from './machine-shape.js';

/**
 * Machines that boot by UEFI firmware. The firmware's reservations stay, the device tree is the EFI stub's, and with a
 * GICv3 with an ITS each kernel adds tables to the reservations that it hands to the next one.
 */
export const UEFI_MACHINES: readonly MachineShape[] = [
  {
    name: 'UEFI, 1G',
    uefi: true,
    memory: '1G',
    cpus: 2,
    loads: [...ordinary(), ...heavy()],
    next: { by: 'kexec', append: 'crashkernel=128M', loads: [...ordinary(), ...crash()] },
  },
  {
    name: 'UEFI, 2G, GICv3 with ITS',
    uefi: true,
    memory: '2G',
    type: 'virt,gic-version=3,its=on',
    cpus: 4,
    append: 'crashkernel=256M',
    loads: [...ordinary(), ...heavy(), ...crash(), ...heavyCrash()],
    next: { by: 'kexec', append: 'crashkernel=192M', loads: [...ordinary(), ...crash()] },
  },
  {
    name: 'UEFI, 1500M, EL2',
    uefi: true,
    memory: '1500M',
    cpu: 'cortex-a72',
    type: 'virt,virtualization=on',
    append: 'crashkernel=200M',
    loads: [...ordinary(), ...crash()],
    next: { by: 'crash', append: 'maxcpus=1', loads: ordinary() },
  },
  {
    name: 'UEFI, 6G, GICv3 with ITS, EL2',
    uefi: true,
    memory: '6G',
    cpu: 'cortex-a72',
    type: 'virt,gic-version=3,its=on,virtualization=on',
    cpus: 2,
    append: 'crashkernel=512M',
    loads: [...ordinary(), ...crash()],
    next: { by: 'crash', append: 'maxcpus=1', loads: ordinary() },
  },
  {
    name: 'UEFI, two NUMA nodes',
    uefi: true,
    memory: '3G',
    cpus: 2,
    options: numaNodes(['1G', '2G']),
    append: 'crashkernel=256M',
    loads: [...ordinary(), ...crash()],
  },
  {
    name: 'UEFI, 4G, with a device tree instead of ACPI',
    uefi: true,
    memory: '4G',
    type: 'virt,acpi=off',
    append: 'crashkernel=256M',
    loads: [...ordinary(), ...crash()],
    next: { by: 'kexec', append: '', loads: ordinary() },
  },
];
