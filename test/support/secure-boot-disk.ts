import { constants, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findSecureFirmware, type SecureFirmware } from './secure-firmware.js';

/** What starts a kernel under Secure Boot: each file is verified by the one before it. */
export interface BootChain {
  /** Shim, which the firmware verifies by Microsoft's key. */
  readonly shim: string;
  /** GRUB, which shim verifies by Debian's key. */
  readonly grub: string;
  /** The kernel, which GRUB has shim verify. */
  readonly kernel: string;
  readonly initrd: string;
}

/** QEMU's name of a CPU. */
type Architecture = 'aarch64' | 'x86_64';

/** UEFI's suffix for a CPU, in the names of programs. */
const SUFFIXES = { aarch64: 'aa64', x86_64: 'x64' } as const satisfies Record<Architecture, string>;

/**
 * Writes the files of a disk that UEFI firmware boots.
 *
 * @param folder - made for them
 * @param commandLine - the kernel's
 */
export function writeSecureBootDisk(
  folder: string,
  architecture: Architecture,
  { shim, grub, kernel, initrd }: BootChain,
  commandLine: string,
): void {
  const suffix = SUFFIXES[architecture];
  const files = {
    // What firmware starts from a disk without a boot entry (UEFI 2.10, 3.5.1.1).
    [`EFI/BOOT/BOOT${suffix.toUpperCase()}.EFI`]: shim,
    [`EFI/BOOT/grub${suffix}.efi`]: grub,
    vmlinuz: kernel,
    'initrd.img': initrd,
  };
  for (const [name, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(source, join(folder, name), constants.COPYFILE_FICLONE);
  }
  // Debian's signed GRUB reads its configuration there.
  mkdirSync(join(folder, 'EFI/debian'));
  writeFileSync(
    join(folder, 'EFI/debian/grub.cfg'),
    `linux /vmlinuz ${commandLine}\ninitrd /initrd.img\nboot\n`,
  );
}

/**
 * QEMU's options for firmware with Microsoft's keys, and the disk that it boots: QEMU makes a FAT file system of the folder.
 * The firmware's variables go to a temporary file.
 */
export function buildSecureBootArguments(architecture: Architecture, bootDisk: string): string[] {
  const firmware = findSecureFirmware({ architecture, keys: "Microsoft's" });
  return [
    ...(architecture === 'x86_64' ? PROTECTED_VARIABLES : []),
    ...buildFlash(firmware),
    ...['-drive', `if=none,id=boot,format=raw,readonly=on,file=fat:${escapeOption(bootDisk)}`],
    ...['-device', 'virtio-blk-pci,drive=boot,bootindex=1'],
  ];
}

/** Only the firmware's SMM code may write to its variables. */
const PROTECTED_VARIABLES: readonly string[] = [
  ...['-machine', 'smm=on'],
  ...['-global', 'driver=cfi.pflash01,property=secure,value=on'],
];

function buildFlash({ code, variables }: SecureFirmware): string[] {
  return [
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${escapeOption(code)}`],
    ...['-drive', `if=pflash,unit=1,format=raw,snapshot=on,file=${escapeOption(variables)}`],
  ];
}

function escapeOption(path: string): string {
  return path.replaceAll(',', ',,');
}
