/**
 * Builds bzImages of a few KiB. Offsets are those of the file, from Documentation/arch/x86/boot.rst. This code shares
 * nothing with the code under test.
 */

/** Offset and size of each field of the setup header, in bytes. */
export const FIELDS = {
  setup_sects: [0x1f1, 1],
  root_flags: [0x1f2, 2],
  syssize: [0x1f4, 4],
  ram_size: [0x1f8, 2],
  vid_mode: [0x1fa, 2],
  root_dev: [0x1fc, 2],
  boot_flag: [0x1fe, 2],
  jump: [0x200, 2],
  header: [0x202, 4],
  version: [0x206, 2],
  realmode_swtch: [0x208, 4],
  start_sys_seg: [0x20c, 2],
  kernel_version: [0x20e, 2],
  type_of_loader: [0x210, 1],
  loadflags: [0x211, 1],
  setup_move_size: [0x212, 2],
  code32_start: [0x214, 4],
  ramdisk_image: [0x218, 4],
  ramdisk_size: [0x21c, 4],
  bootsect_kludge: [0x220, 4],
  heap_end_ptr: [0x224, 2],
  ext_loader_ver: [0x226, 1],
  ext_loader_type: [0x227, 1],
  cmd_line_ptr: [0x228, 4],
  initrd_addr_max: [0x22c, 4],
  kernel_alignment: [0x230, 4],
  relocatable_kernel: [0x234, 1],
  min_alignment: [0x235, 1],
  xloadflags: [0x236, 2],
  cmdline_size: [0x238, 4],
  hardware_subarch: [0x23c, 4],
  hardware_subarch_data: [0x240, 8],
  payload_offset: [0x248, 4],
  payload_length: [0x24c, 4],
  setup_data: [0x250, 8],
  pref_address: [0x258, 8],
  init_size: [0x260, 4],
  handover_offset: [0x264, 4],
  kernel_info_offset: [0x268, 4],
} as const satisfies Readonly<Record<string, readonly [offset: number, size: 1 | 2 | 4 | 8]>>;

export type Field = keyof typeof FIELDS;

/** Values of fields; the others have ordinary ones. */
export type FieldValues = Readonly<Partial<Record<Field, bigint>>>;

/** The setup header begins and ends here. */
export const HEADER = { start: 0x1f1, end: 0x26c } as const;

const SECTOR = 512;

/** What a kernel of today has, except for its sizes: three sectors of setup code, and 64 KiB of memory. */
export const ORDINARY: FieldValues = {
  setup_sects: 3n,
  boot_flag: 0xaa55n,
  jump: 0x6aebn,
  header: 0x5372_6448n,
  version: 0x020fn,
  loadflags: 1n,
  initrd_addr_max: 0x7fff_ffffn,
  kernel_alignment: 0x20_0000n,
  relocatable_kernel: 1n,
  min_alignment: 0x15n,
  xloadflags: 0x7fn,
  cmdline_size: 2047n,
  pref_address: 0x100_0000n,
  init_size: 0x1_0000n,
};

/** Where the protected-mode kernel begins: the size of the boot sector and the setup code. 0 sectors stand for 4. */
export function setupSize(sectors: number): number {
  return ((sectors === 0 ? 4 : sectors) + 1) * SECTOR;
}

/**
 * A bzImage.
 *
 * @param payload - the size of the protected-mode kernel, in bytes
 */
export function buildBzImage(values: FieldValues = {}, payload = 2048): Uint8Array {
  const start = setupSize(Number(values.setup_sects ?? ORDINARY.setup_sects));
  const file = new Uint8Array(Math.max(start + payload, HEADER.end)).fill(0x90, start);
  writeSetupHeader(file, values);
  return file;
}

/** Makes a file a bzImage. It must end after the header, and for the kernel after the setup code. */
export function writeSetupHeader(file: Uint8Array, values: FieldValues): void {
  const fields = { ...ORDINARY, ...values };
  for (const [field, value] of Object.entries(fields)) setField(file, field as Field, value);
}

/** Writes a field, little-endian. Bits that it has no room for are lost. */
export function setField(file: Uint8Array, field: Field, value: bigint): void {
  const [offset, size] = FIELDS[field];
  for (let index = 0; index < size; index++) {
    file[offset + index] = Number((value >> BigInt(8 * index)) & 0xffn);
  }
}

export function getField(file: Uint8Array, field: Field): bigint {
  const [offset, size] = FIELDS[field];
  return [...file.subarray(offset, offset + size)].reduceRight(
    (value, byte) => (value << 8n) | BigInt(byte),
    0n,
  );
}
