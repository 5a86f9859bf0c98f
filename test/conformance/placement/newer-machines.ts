import { crash, heavy, ordinary, withoutCma } from './loads.js';
import type { MachineShape } from './machine-shape.js';

/**
 * Machines of Linux 7.3 alone: with Kexec Handover, which restricts places to its scratch areas, with a CMA area, in
 * which the kernel places what it is not kept from placing there, and with CMA that a crash kernel gets as RAM.
 */
export const NEWER_MACHINES: readonly MachineShape[] = [
  {
    name: '1G, KHO with areas of 16, 128 and 64 MiB',
    only: '7.3',
    memory: '1G',
    cpus: 2,
    append: 'kho=on kho_scratch=16M,128M,64M crashkernel=128M',
    loads: [...ordinary(), ...heavy(), ...crash()],
    next: { by: 'kexec', append: 'kho=on', loads: ordinary() },
  },
  {
    name: '2G, KHO with areas of its own size',
    only: '7.3',
    memory: '2G',
    append: 'kho=on',
    loads: ordinary(),
    next: { by: 'kexec', append: '', loads: ordinary() },
  },
  {
    name: '1G, KHO with areas that are too small',
    only: '7.3',
    memory: '1G',
    append: 'kho=on kho_scratch=4M,32M,8M',
    loads: ordinary(),
  },
  {
    name: '1G, CMA',
    only: '7.3',
    memory: '1G',
    cpus: 2,
    append: 'cma=64M@0x60000000 crashkernel=128M',
    loads: [...ordinary(), ...withoutCma([...ordinary(), ...heavy()]), ...crash()],
  },
  {
    name: '1G, crash CMA',
    only: '7.3',
    memory: '1G',
    cpus: 2,
    append: 'crashkernel=128M crashkernel=96M,cma',
    loads: [...ordinary(), ...crash()],
    next: { by: 'crash', append: 'maxcpus=1', loads: ordinary() },
  },
  {
    // No place has room for 2000M: the kernel halves what it asks for, and reserves three ranges.
    name: '3G, crash CMA in three ranges',
    only: '7.3',
    memory: '3G',
    append: 'crashkernel=256M@0x80000000 crashkernel=2000M,cma',
    loads: [...ordinary(), ...crash()],
    next: { by: 'crash', append: 'maxcpus=1', loads: ordinary() },
  },
  {
    name: '1G, dm-crypt keys',
    only: '7.3',
    memory: '1G',
    cpus: 2,
    append: 'crashkernel=256M',
    keys: { root: 'cryptsetup:root', data: 'kdump:data' },
    loads: [...ordinary(), ...crash()],
    next: { by: 'crash', append: 'maxcpus=1', loads: ordinary() },
  },
  {
    name: '1G, a dm-crypt key without a description',
    only: '7.3',
    memory: '1G',
    append: 'crashkernel=256M crashkernel=64M,cma',
    keys: { root: 'cryptsetup:root', nameless: undefined },
    loads: crash(),
  },
  {
    name: 'UEFI, 3G, KHO',
    only: '7.3',
    uefi: true,
    memory: '3G',
    type: 'virt,gic-version=3,its=on',
    append: 'kho=on kho_scratch=32M,256M,64M crashkernel=256M',
    loads: [...ordinary(), ...crash()],
    next: { by: 'kexec', append: 'kho=on', loads: ordinary() },
  },
];
