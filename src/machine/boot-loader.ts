/**
 * What a machine boots by, and where its command line is changed: read from recorded files and EFI variables and,
 * without them, from the command line and the device tree.
 */
import { findNode, getProperty } from '../formats/fdt/edit.js';
import { findMachineArchitecture, readBootTree } from './architectures.js';
import { readBoardNames } from './board-names.js';
import type { BootFile } from './boot-files.js';
import { parseCommandLine } from './command-line.js';
import { readEfiText } from './efi-variables.js';
import type { MachineFacts } from './machine-facts.js';

/** For each boot loader, how to add a parameter to the command line of the kernel that it boots. */
const WAYS = {
  grubby: (parameter: string) => `grubby --update-kernel=ALL --args="${parameter}"`,
  'update-grub': () => 'GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub',
  grub: () =>
    'GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub or grub2-mkconfig -o /boot/grub2/grub.cfg',
  'rpm-ostree': (parameter: string) =>
    ['rpm-ostree kargs', ...parameter.split(' ').map((name) => `--append=${name}`)].join(' '),
  nixos: () => 'boot.kernelParams in the NixOS configuration, then nixos-rebuild boot',
  uki: () =>
    '/etc/kernel/cmdline, then build the unified kernel image again, and sign it (kernel-install add, ukify build)',
  'systemd-boot': () =>
    '/etc/kernel/cmdline, then kernel-install add; or the line "options" of the entry in loader/entries on the EFI partition',
  'u-boot-menu': () => 'U_BOOT_PARAMETERS in /etc/default/u-boot, then u-boot-update',
  extlinux: () => 'the line "append" in /boot/extlinux/extlinux.conf',
  'flash-kernel': () => 'LINUX_KERNEL_CMDLINE in /etc/default/flash-kernel, then flash-kernel',
  armbian: () => 'the line "extraargs" in /boot/armbianEnv.txt',
  'u-boot': () =>
    'the variable bootargs of U-Boot (setenv bootargs, saveenv; fw_setenv under Linux), or the line "append" in ' +
    'extlinux.conf if U-Boot boots by that',
  'raspberry-pi': () => 'the one line of /boot/firmware/cmdline.txt (/boot/cmdline.txt on older systems)',
  hypervisor: () =>
    "the hypervisor's setting: -append of QEMU, <cmdline> of libvirt, boot_args of Firecracker",
} as const satisfies Record<string, (parameter: string) => string>;

/** What a machine boots by, as far as that decides where its command line is changed. */
export type BootLoader = keyof typeof WAYS;

/** The ways in short, for a machine whose boot loader is unknown. Boards boot with a device tree. */
function listCommonWays(parameter: string, mayBeBoard: boolean): string {
  return [
    `GRUB: /etc/default/grub, then update-grub; or ${WAYS.grubby(parameter)}`,
    'systemd-boot: /etc/kernel/cmdline, then kernel-install add',
    `rpm-ostree: ${WAYS['rpm-ostree'](parameter)}`,
    'extlinux.conf: the line "append"',
    ...(mayBeBoard ? ['U-Boot: the variable bootargs', 'Raspberry Pi: cmdline.txt'] : []),
  ].join('; ');
}

/** Says where to add parameters to the running kernel's command line, as the boot loader of this machine wants it. */
export function describeCommandLinePlace(machine: MachineFacts, parameter: string): string {
  const loader = findBootLoader(machine);
  if (loader !== undefined) return WAYS[loader](parameter);
  const { bootsWithTree } = findMachineArchitecture(machine);
  return `by the boot loader: ${listCommonWays(parameter, bootsWithTree)}`;
}

/** Finds what a machine boots by. @returns undefined if nothing that was recorded tells */
export function findBootLoader(machine: MachineFacts): BootLoader | undefined {
  const evidence = collectEvidence(machine);
  return (
    findByEfi(evidence) ??
    findByCommandLine(evidence) ??
    findByBoard(evidence) ??
    findByFiles(evidence) ??
    (evidence.hasBootargs || evidence.hasUBoot ? 'u-boot' : undefined)
  );
}

/** The facts that identify a boot loader. */
interface Evidence {
  readonly has: (file: BootFile) => boolean;
  readonly commandLine: string;
  readonly release: string;
  /** What the boot loader and the stub of a UKI say of themselves. */
  readonly loaderInfo: string | undefined;
  readonly stubInfo: string | undefined;
  /** Whether the device tree has the tables of EFI, or no tree can be read. */
  readonly mayHaveEfi: boolean;
  readonly hasUBoot: boolean;
  /** Whether firmware without EFI gave the kernel a command line in the device tree: on most boards, U-Boot. */
  readonly hasBootargs: boolean;
  /** `compatible` and `model` of the board. */
  readonly board: readonly string[];
  readonly isQemu: boolean;
}

function collectEvidence(machine: MachineFacts): Evidence {
  const files: readonly string[] = machine.bootFiles ?? [];
  const fdt = readBootTree(machine);
  const chosen = fdt && findNode(fdt, '/chosen');
  const hasChosen = (name: string): boolean =>
    chosen !== undefined && getProperty(chosen, name) !== undefined;
  const mayHaveEfi = fdt === undefined || hasChosen('linux,uefi-system-table');
  return {
    has: (file) => files.includes(file),
    commandLine: machine.commandLine ?? '',
    release: machine.kernel?.release ?? '',
    loaderInfo: readEfiText(machine, 'LoaderInfo'),
    stubInfo: readEfiText(machine, 'StubInfo'),
    mayHaveEfi,
    hasUBoot: hasChosen('u-boot,version'),
    hasBootargs: !mayHaveEfi && hasChosen('bootargs'),
    board: fdt === undefined ? [] : readBoardNames(fdt),
    isQemu: machine.qemu !== undefined,
  };
}

/**
 * The systems that own the boot loader's entries come first: whatever the loader is, their own command changes them.
 */
function findByEfi(evidence: Evidence): BootLoader | undefined {
  const { has, commandLine, loaderInfo, stubInfo } = evidence;
  if (has('/etc/NIXOS') || commandLine.includes('init=/nix/store/')) return 'nixos';
  if (has('/run/ostree-booted') || /(^|\s)ostree=/.test(commandLine)) return 'rpm-ostree';
  if (stubInfo !== undefined) return 'uki';
  if (loaderInfo?.startsWith('systemd-boot') === true) return 'systemd-boot';
  return loaderInfo?.startsWith('GRUB') === true ? chooseGrub(evidence) : undefined;
}

/** GRUB puts BOOT_IMAGE= in front; systemd-boot names the initrd by a path with backslashes. */
function findByCommandLine(evidence: Evidence): BootLoader | undefined {
  const parameters = parseCommandLine(evidence.commandLine);
  if (parameters.some(({ name }) => name === 'BOOT_IMAGE')) return chooseGrub(evidence);
  return parameters.some(({ text }) => text.startsWith('initrd=\\')) ? 'systemd-boot' : undefined;
}

function findByBoard(evidence: Evidence): BootLoader | undefined {
  const { has, board, hasUBoot, mayHaveEfi, isQemu } = evidence;
  if (isQemu) return 'hypervisor';
  if (mayHaveEfi) return undefined;
  if (hasUBoot) return chooseUBoot(evidence);
  if (has('/boot/firmware/cmdline.txt') || has('/boot/cmdline.txt')) return 'raspberry-pi';
  if (board.some((name) => /^raspberrypi,|raspberry pi/i.test(name))) return 'raspberry-pi';
  return board.includes('linux,dummy-virt') ? 'hypervisor' : undefined;
}

/** The settings of a package are there although another loader may boot: they decide only if nothing else does. */
function findByFiles(evidence: Evidence): BootLoader | undefined {
  const { has } = evidence;
  if (!evidence.mayHaveEfi) {
    const found = chooseUBoot(evidence);
    if (found !== 'u-boot') return found;
  }
  if (has('/usr/sbin/grubby') || has('/usr/sbin/update-grub') || has('/etc/default/grub'))
    return chooseGrub(evidence);
  return has('/boot/loader/loader.conf') ||
    has('/boot/efi/loader/loader.conf') ||
    has('/efi/loader/loader.conf')
    ? 'systemd-boot'
    : undefined;
}

/** The distribution decides; without files, by the release and by the form in which GRUB names the kernel. */
function chooseGrub({ has, release, commandLine }: Evidence): BootLoader {
  if (has('/usr/sbin/grubby')) return 'grubby';
  if (has('/usr/sbin/update-grub')) return 'update-grub';
  if (has('/usr/sbin/grub2-mkconfig')) return 'grub';
  if (/\.(el|fc|amzn)\d/.test(release) || /(^|\s)BOOT_IMAGE=\(/.test(commandLine)) return 'grubby';
  return /\+deb|~bpo|-(arm64|generic|aws|azure|gcp|oracle|lowlatency)(-\w+)?$/.test(release)
    ? 'update-grub'
    : 'grub';
}

function chooseUBoot({ has }: Evidence): BootLoader {
  if (has('/usr/sbin/u-boot-update') || has('/etc/default/u-boot')) return 'u-boot-menu';
  if (has('/boot/extlinux/extlinux.conf')) return 'extlinux';
  if (has('/boot/armbianEnv.txt')) return 'armbian';
  return has('/etc/default/flash-kernel') ? 'flash-kernel' : 'u-boot';
}
