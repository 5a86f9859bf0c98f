import { hex } from '../../base/u64.js';
import type { X86ResetRegister } from './x86-machine.js';

/** Describes a reset register in half a sentence: `port 0xcf9, value 0xf`. */
export function describeResetRegister({ space, address, value }: X86ResetRegister): string {
  return `${describePlace(space, address)}, value 0x${value.toString(16)}`;
}

function describePlace(space: X86ResetRegister['space'], address: bigint): string {
  if (space === 'port') return `port ${hex(address)}`;
  if (space === 'memory') return `address ${hex(address)}`;
  const { device, fn, offset } = splitPciAddress(address);
  return `offset ${hex(offset)} of PCI device 0:${device.toString(16)}.${fn.toString(16)}`;
}

/** Splits the address of a register in PCI configuration space of bus 0: ACPI Specification 6.5, section 5.2.3.2. */
export function splitPciAddress(address: bigint): { device: bigint; fn: bigint; offset: bigint } {
  return { device: address >> 32n, fn: (address >> 16n) & 0xffffn, offset: address & 0xffffn };
}
