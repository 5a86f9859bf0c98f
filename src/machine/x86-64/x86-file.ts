import * as z from 'zod';
import { decodeBase64, encodeBase64 } from '../../base/bytes.js';
import {
  addressField,
  buildQemuField,
  bytesField,
  COMMON_FIELDS,
  FORMAT_VERSION,
  HEADER_FIELDS,
  possibleCpusField,
  rangeField,
} from '../file-fields.js';
import { FIRMWARE_RESOURCES, RESET_SPACES, type X86Machine } from './x86-machine.js';

const u32 = z.int().min(0).max(0xffff_ffff);

/** `BOOT_PARAMS_SIZE` bytes: base64 in the file. */
const bootParamsField = z.codec(
  z.string().regex(/^[A-Za-z0-9+/]{5462}==$/, 'must be 4096 bytes in base64'),
  z.instanceof(Uint8Array<ArrayBufferLike>),
  { decode: decodeBase64, encode: encodeBase64 },
);

const efiHandOver = z.strictObject({
  firmwareVendor: addressField.describe('The physical address of its name: fw_vendor.'),
  configTable: addressField.describe('The physical address of its table of tables: config_table.'),
  smbios: addressField.exactOptional().describe('The address of SMBIOS in systab, if it is there.'),
  rsdp: addressField.exactOptional().describe('The address of ACPI20 in systab, else that of ACPI.'),
  runtimeMap: z
    .array(
      z.strictObject({
        type: u32.describe('The type of its memory: UEFI Specification 2.10, section 7.2.'),
        physical: addressField.describe('Its physical address.'),
        virtual: addressField.describe('The address at which the kernels map it.'),
        pages: addressField.describe('Its pages of 4 KiB.'),
        attribute: addressField.describe('Its attributes, as UEFI has them.'),
      }),
    )
    .readonly()
    .describe("The regions that runtime services use, in the kernel's order: runtime-map."),
});

const purgatory = z.strictObject({
  object: bytesField.exactOptional().describe('Its ELF object.'),
  bufsz: addressField.describe('The bytes of its segment.'),
  memsz: addressField.describe('The memory of its segment, before it is rounded up to pages.'),
  alignment: addressField.describe('The alignment of its segment, in bytes.'),
});

const resetRegister = z.strictObject({
  space: z
    .enum(RESET_SPACES)
    .describe('What it lies in: memory, ports, or PCI configuration space of bus 0.'),
  address: addressField.describe(
    'Its physical address, or its port; in PCI configuration space, device << 32 | function << 16 | offset.',
  ),
  value: z.int().min(0).max(0xff).describe('The byte that resets.'),
});

/** The machine file of an x86_64 machine, as flat as those of arm64. */
export const X86_FILE = z.strictObject({
  ...HEADER_FIELDS,
  kexecFileMachine: z.literal(FORMAT_VERSION).describe('The version of the format.'),
  architecture: z.literal('x86_64').describe('The architecture, as the kernel names it.'),
  ...COMMON_FIELDS,
  qemu: buildQemuField('x86_64', { machine: '`q35`, `pc`', cpu: '`qemu64`' }),
  pageSize: z.literal(4096).describe("The kernel's page size in bytes."),
  e820: z
    .array(z.strictObject({ range: rangeField, type: u32.describe('Its type: 1 is RAM, 2 is reserved.') }))
    .readonly()
    .exactOptional()
    .describe('The memory map that the next kernel gets, in its order: /sys/firmware/memmap.'),
  resources: z
    .array(z.strictObject({ name: z.enum(FIRMWARE_RESOURCES), range: rangeField }))
    .readonly()
    .exactOptional()
    .describe("The firmware's resources, of which a crash kernel gets a memory map: /proc/iomem."),
  freeMemblock: z
    .array(rangeField)
    .readonly()
    .exactOptional()
    .describe(
      'What memblock has free, lowest first, if the kernel keeps memblock and searches there: /sys/kernel/debug/memblock.',
    ),
  bootParams: bootParamsField
    .exactOptional()
    .describe("The running kernel's `struct boot_params`: /sys/kernel/boot_params/data."),
  efiHandOver: efiHandOver
    .exactOptional()
    .describe('What a kernel hands on of UEFI, if the machine was booted by it: /sys/firmware/efi.'),
  purgatory: purgatory
    .exactOptional()
    .describe("The running kernel's purgatory, if that kernel's file was given."),
  resetRegister: resetRegister
    .exactOptional()
    .describe('The register of which a write resets the machine, if it has one: FACP of ACPI.'),
  crashElfcorehdrSize: addressField
    .exactOptional()
    .describe(
      'The room for an ELF core header, in bytes, if it is updated when memory is plugged: /sys/kernel/crash_elfcorehdr_size.',
    ),
  cpu: z
    .strictObject({
      fiveLevels: z
        .boolean()
        .exactOptional()
        .describe('Whether the kernel uses page tables of five levels: VMCOREINFO, or /proc/cpuinfo.'),
      gigabytePages: z
        .boolean()
        .exactOptional()
        .describe('Whether the CPUs have pages of 1 GiB: pdpe1gb of /proc/cpuinfo.'),
      tdxGuest: z
        .boolean()
        .exactOptional()
        .describe("Whether the machine is a guest of Intel's TDX: tdx_guest of /proc/cpuinfo."),
      bootApicId: z
        .int()
        .min(0)
        .max(0xffff_ffff)
        .exactOptional()
        .describe('The APIC ID of the CPU on which the kernel started: the first CPU of /proc/cpuinfo.'),
      possible: possibleCpusField,
    })
    .describe('The abilities of the CPUs.'),
});

/** A decoded machine file. */
export type X86File = z.output<typeof X86_FILE>;

/** The machine of a decoded file. */
export function buildX86Machine(file: X86File): X86Machine {
  const { schema: _schema, version: _version, kexecFileMachine: _, ...facts } = file;
  const { cpu, e820, resources, freeMemblock, bootParams, ...others } = facts;
  const { efiHandOver, purgatory, resetRegister, crashElfcorehdrSize, ...common } = others;
  const { possible, ...cpuFacts } = cpu;
  return {
    ...common,
    ...(possible === undefined ? {} : { possibleCpus: possible }),
    x86: {
      ...(e820 === undefined ? {} : { e820 }),
      ...(resources === undefined ? {} : { resources }),
      ...(freeMemblock === undefined ? {} : { freeMemblock }),
      ...(bootParams === undefined ? {} : { bootParams }),
      ...(efiHandOver === undefined ? {} : { efiHandOver }),
      ...(purgatory === undefined ? {} : { purgatory }),
      ...cpuFacts,
      ...(resetRegister === undefined ? {} : { resetRegister }),
      ...(crashElfcorehdrSize === undefined ? {} : { crashElfcorehdrSize }),
    },
  };
}

/** The file of a machine, to be encoded. */
export function buildX86File({ architecture, x86, possibleCpus, ...common }: X86Machine): X86File {
  const { fiveLevels, gigabytePages, tdxGuest, bootApicId, ...facts } = x86;
  return {
    kexecFileMachine: FORMAT_VERSION,
    architecture,
    ...common,
    ...facts,
    cpu: {
      ...(fiveLevels === undefined ? {} : { fiveLevels }),
      ...(gigabytePages === undefined ? {} : { gigabytePages }),
      ...(tdxGuest === undefined ? {} : { tdxGuest }),
      ...(bootApicId === undefined ? {} : { bootApicId }),
      ...(possibleCpus === undefined ? {} : { possible: possibleCpus }),
    },
  };
}
