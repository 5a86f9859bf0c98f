/** `struct boot_params`: Documentation/arch/x86/zero-page.rst, arch/x86/include/uapi/asm/bootparam.h. */

/** Its size in bytes. */
export const BOOT_PARAMS_SIZE = 4096;

/** Where its fields are, in bytes from its start. */
export const BOOT_PARAMS_AT = {
  extMemK: 0x002,
  rsdp: 0x070,
  extRamdiskImage: 0x0c0,
  extRamdiskSize: 0x0c4,
  extCmdLinePtr: 0x0c8,
  ccBlob: 0x13c,
  efiSignature: 0x1c0,
  efiSystab: 0x1c4,
  efiDescriptorSize: 0x1c8,
  efiDescriptorVersion: 0x1cc,
  efiMap: 0x1d0,
  efiMapSize: 0x1d4,
  efiSystabHigh: 0x1d8,
  efiMapHigh: 0x1dc,
  altMemK: 0x1e0,
  e820Entries: 0x1e8,
  eddEntries: 0x1e9,
  secureBoot: 0x1ec,
  typeOfLoader: 0x210,
  loadflags: 0x211,
  ramdiskImage: 0x218,
  ramdiskSize: 0x21c,
  cmdLinePtr: 0x228,
  hardwareSubarch: 0x23c,
  setupData: 0x250,
  eddSignatures: 0x290,
  e820Table: 0x2d0,
  edd: 0xd00,
} as const;

/** The entries of its memory map: `E820_MAX_ENTRIES_ZEROPAGE`. kexec drops others. */
export const MAX_E820_ENTRIES = 128;

/** The size of `struct boot_e820_entry` in bytes. */
export const E820_ENTRY_SIZE = 20;
