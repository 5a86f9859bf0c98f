import { addNode, setProperty } from '../../src/formats/fdt/edit.js';
import { createFdt, type Fdt } from '../../src/formats/fdt/tree.js';
import { encodeRange, encodeString, encodeU32, encodeU64 } from '../../src/formats/fdt/values.js';
import { SECURE_BOOT_PROPERTY, UEFI_PROPERTIES } from '../../src/machine/uefi-properties.js';
import { buildStubImage } from './image.js';
import { GIB } from './machine.js';

/** A device tree as the EFI stub leaves it on a machine with ACPI, without the properties in `lacks`. */
export function buildUefiTree({
  lacks = [],
  hasMemory = false,
  mode = 2,
}: {
  readonly lacks?: readonly string[];
  readonly hasMemory?: boolean;
  /** Of Secure Boot: `enum efi_secureboot_mode`. */
  readonly mode?: number;
} = {}): Fdt {
  const fdt = createFdt();
  setProperty(fdt, fdt.root, '#address-cells', encodeU32(2));
  setProperty(fdt, fdt.root, '#size-cells', encodeU32(2));
  const chosen = addNode(fdt.root, 'chosen');
  for (const name of UEFI_PROPERTIES) {
    const value = name === SECURE_BOOT_PROPERTY ? encodeU32(mode) : encodeU64(GIB);
    if (!lacks.includes(name)) setProperty(fdt, chosen, name, value);
  }
  if (!hasMemory) return fdt;
  const memory = addNode(fdt.root, 'memory@40000000');
  setProperty(fdt, memory, 'device_type', encodeString('memory'));
  setProperty(fdt, memory, 'reg', encodeRange({ address: GIB, size: GIB }, 2, 2));
  return fdt;
}

/** A mainline kernel with an EFI stub. */
export const MAINLINE_KERNEL = buildStubImage();

/** A kernel that asks for `linux,uefi-secure-boot`, as Debian's do. */
export const PATCHED_KERNEL = buildPatchedKernel();

function buildPatchedKernel(): Uint8Array {
  const image = buildStubImage();
  const name = new TextEncoder().encode(`${SECURE_BOOT_PROPERTY}\0`);
  image.set(name, image.length - name.length - 64);
  return image;
}
