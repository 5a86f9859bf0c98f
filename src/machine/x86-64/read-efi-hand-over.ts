import { refuse } from '../../base/error.js';
import type { Collected } from '../collected.js';
import type { EfiHandOver, EfiRuntimeRegion } from './x86-machine.js';

/**
 * What a kernel hands on of UEFI.
 *
 * @returns undefined if the machine was not booted by UEFI, or one of the files was not collected
 * @throws KexecError `EINVAL`, check `machine-text`, for a malformed file.
 */
export function readEfiHandOver(known: Collected): EfiHandOver | undefined {
  const { 'efi-fw-vendor': vendor, 'efi-config-table': configTable, 'efi-systab': systab } = known;
  if (vendor === undefined || configTable === undefined || systab === undefined) return undefined;
  const smbios = readTable(systab, 'SMBIOS');
  const rsdp = readTable(systab, 'ACPI20') ?? readTable(systab, 'ACPI');
  return {
    firmwareVendor: parseAddress('efi-fw-vendor', vendor),
    configTable: parseAddress('efi-config-table', configTable),
    ...(smbios === undefined ? {} : { smbios }),
    ...(rsdp === undefined ? {} : { rsdp }),
    runtimeMap: parseRuntimeMap(known['efi-runtime-map'] ?? ''),
  };
}

/** The address of a table in systab: kernel function `systab_show()`. */
function readTable(systab: string, name: string): bigint | undefined {
  const address = new RegExp(`^${name}=0x([0-9a-f]{1,16})$`, 'm').exec(systab)?.[1];
  return address === undefined ? undefined : BigInt(`0x${address}`);
}

function parseAddress(fact: string, text: string): bigint {
  const address = /^0x[0-9a-f]{1,16}$/.exec(text.trim())?.[0];
  return address === undefined ? refuseText(fact, text) : BigInt(address);
}

/**
 * `/sys/firmware/efi/runtime-map`: a line `N TYPE PHYS_ADDR VIRT_ADDR NUM_PAGES ATTRIBUTE` for each entry, in
 * hexadecimal but for N, in the kernel's order (drivers/firmware/efi/runtime-map.c).
 *
 * @throws KexecError `EINVAL`, check `machine-text`, for any other line.
 */
function parseRuntimeMap(text: string): EfiRuntimeRegion[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    if (!/^\d{1,9} 0x[0-9a-f]{1,8}( 0x[0-9a-f]{1,16}){4}$/.test(line)) refuseText('efi-runtime-map', line);
    const [, type = '', ...numbers] = line.split(' ');
    const [physical = 0n, virtual = 0n, pages = 0n, attribute = 0n] = numbers.map(BigInt);
    return { type: Number(type), physical, virtual, pages, attribute };
  });
}

function refuseText(fact: string, text: string): never {
  refuse('machine-text', 'EINVAL', `${fact}: ${JSON.stringify(text.slice(0, 80))}`);
}
