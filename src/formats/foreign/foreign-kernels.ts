import { decodeLatin1, encodeLatin1, findBytes } from '../../base/bytes.js';
import { findBuild, isBzimage } from '../bzimage/header.js';
import { EM_X86_64, ET_CORE, ET_DYN, ET_EXEC, ET_REL } from '../elf/format.js';
import { describeElfMachine } from '../elf/header-names.js';
import { hasMagic } from '../magics.js';
import { type ForeignFile, type ForeignKind, hasText, kind } from './foreign-file.js';

/** These files are named before it is known for which machine a kernel is wanted. */
const TAKE_KERNEL =
  "take the machine's kernel file: for arm64 an Image (arch/arm64/boot/Image), for x86_64 a bzImage (arch/x86/boot/bzImage), as " +
  'distributions have it in /boot/vmlinuz-*';

const TAKE_BZIMAGE =
  'for an x86_64 machine, take the bzImage of the same build (arch/x86/boot/bzImage, /boot/vmlinuz-*); for arm64, an arm64 Image';

/** Kernels of other architectures, by their headers: Documentation/arch of each. */
export const FOREIGN_KERNELS: readonly ForeignKind[] = [
  kind(
    'a kernel for 32-bit Arm',
    `it is a zImage, for Arm's 32-bit state only; ${TAKE_KERNEL}`,
    [0x24, '\x18\x28\x6f\x01'],
    [0x24, '\x01\x6f\x28\x18'],
  ),
  kind('a kernel for RISC-V', `it runs on RISC-V only; ${TAKE_KERNEL}`, [0x38, 'RSC\x05']),
];

/** Names a kernel for x86 (bzImage) by the build that it says it is. @returns undefined for other files */
export function nameX86Kernel(bytes: Uint8Array): ForeignFile | undefined {
  if (!isBzimage(bytes)) return undefined;
  const build = findBuild(bytes)?.text;
  return {
    name: `a kernel for x86${build === undefined ? '' : `, ${build}`}`,
    cure: 'it runs on x86_64 only; for an arm64 machine, take an arm64 Image (arch/arm64/boot/Image, /boot/vmlinuz-* of an arm64 system)',
  };
}

/** `e_type` of ELF files, and what to do with each. */
const ELF_TYPES: Readonly<Record<number, ForeignFile>> = {
  [ET_REL]: { name: 'an object, such as a kernel module', cure: 'give the kernel that it belongs to' },
  [ET_EXEC]: { name: 'an executable', cure: TAKE_KERNEL },
  [ET_DYN]: { name: 'a library or an executable', cure: TAKE_KERNEL },
  [ET_CORE]: {
    name: 'a core: a dump, or the header of one',
    cure: 'kexec-file vmcore info reads a dump; to load a kernel, give the kernel',
  },
};

const ELFDATA2MSB = 2;

/** Names an ELF file by its machine and its type. @returns undefined for other files */
export function nameElf(bytes: Uint8Array): ForeignFile | undefined {
  if (!hasMagic(bytes, 'elf') || bytes.length < 20) return undefined;
  const read = (at: number): number => {
    const [low = 0, high = 0] =
      bytes[5] === ELFDATA2MSB ? [bytes[at + 1], bytes[at]] : [bytes[at], bytes[at + 1]];
    return low + high * 256;
  };
  const module = read(16) === ET_REL ? nameModule(bytes) : undefined;
  const type = module ?? ELF_TYPES[read(16)] ?? { name: `of type ${read(16)}`, cure: TAKE_KERNEL };
  const isX86Kernel = read(18) === EM_X86_64 && read(16) === ET_EXEC;
  return {
    name: `an ELF file for ${describeElfMachine(read(18))}, ${type.name}`,
    cure: isX86Kernel ? TAKE_BZIMAGE : type.cure,
  };
}

const VERMAGIC = encodeLatin1('\0vermagic=');
const MODULE_NAME = encodeLatin1('\0name=');
/** The longest release has 64 bytes, a module's name 56. */
const MAX_MODINFO_LENGTH = 64;

/** Names a kernel module by its section .modinfo (include/linux/module.h). @returns undefined for other objects */
function nameModule(bytes: Uint8Array): ForeignFile | undefined {
  const release = readModinfo(bytes, VERMAGIC);
  if (release === undefined) return undefined;
  const name = readModinfo(bytes, MODULE_NAME);
  return {
    name: `a kernel module${name === undefined ? '' : ` (${name})`} for Linux ${release}`,
    cure: `give the kernel that it belongs to (/boot/vmlinuz-${release}); modules go into an initrd`,
  };
}

function readModinfo(bytes: Uint8Array, tag: Uint8Array): string | undefined {
  const at = findBytes(bytes, tag);
  if (at < 0) return undefined;
  const start = at + tag.length;
  const text = decodeLatin1(bytes, start, Math.min(start + MAX_MODINFO_LENGTH, bytes.length));
  return /^[\w.+~-]+/.exec(text)?.[0];
}

/** `Machine` of PE files: PE/COFF specification, section 3.3.1. */
const PE_MACHINES: Readonly<Record<number, string>> = {
  332: '32-bit x86',
  448: '32-bit Arm',
  450: '32-bit Arm',
  452: '32-bit Arm',
  20530: '32-bit RISC-V',
  20580: 'RISC-V',
  25188: 'LoongArch',
  34404: 'x86-64',
  43620: 'AArch64',
};

/** `Subsystem` of PE files: PE/COFF specification, section 3.4.2. Native, of the desktop, of the console. */
const WINDOWS_SUBSYSTEMS = [1, 2, 3];
const EFI_APPLICATION = 10;

const SECTION_HEADER_SIZE = 40;
/** No UKI has as many; a header of more is not looked through. */
const MAX_SECTIONS = 96;

/** Names a PE file that contains no kernel. @returns undefined for other files */
export function namePe(bytes: Uint8Array): ForeignFile | undefined {
  if (!hasMagic(bytes, 'mz') || bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = view.getUint32(60, true);
  if (header + 24 > bytes.length || !hasText(bytes, header, 'PE\0\0'))
    return { name: 'a program for DOS: it has an MZ header and no PE header', cure: TAKE_KERNEL };
  const machine = view.getUint16(header + 4, true);
  const target = PE_MACHINES[machine] ?? `machine 0x${machine.toString(16)}`;
  const names = listSectionNames(bytes, view, header);
  if (names.includes('.linux'))
    return {
      name: `a PE file for ${target}, a UKI`,
      cure: `build the UKI for the machine's architecture, or ${TAKE_KERNEL}`,
    };
  if (
    names.some((name) => ['.cmdline', '.initrd', '.osrel', '.uname', '.profile', '.dtbauto'].includes(name))
  )
    return {
      name: `a PE file for ${target}, a UKI without a kernel: an addon or a thin UKI, without a section .linux`,
      cure: 'give the UKI that it extends, or the kernel itself; ukify build --linux adds a kernel',
    };
  const subsystem = header + 94 <= bytes.length ? view.getUint16(header + 92, true) : EFI_APPLICATION;
  const what = WINDOWS_SUBSYSTEMS.includes(subsystem) ? 'a program for Windows' : 'such as a boot loader';
  return { name: `a PE file for ${target}, ${what}`, cure: TAKE_KERNEL };
}

function listSectionNames(bytes: Uint8Array, view: DataView, header: number): string[] {
  const count = Math.min(view.getUint16(header + 6, true), MAX_SECTIONS);
  const start = header + 24 + view.getUint16(header + 20, true);
  return Array.from({ length: count }, (_, index) => start + index * SECTION_HEADER_SIZE)
    .filter((at) => at + SECTION_HEADER_SIZE <= bytes.length)
    .map((at) => String.fromCharCode(...bytes.subarray(at, at + 8)).replace(/\0.*$/s, ''));
}
