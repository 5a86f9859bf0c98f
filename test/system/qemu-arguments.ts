import { X86_PLATFORM } from '../../src/node/qemu/x86-platform.js';
import { buildSecureBootArguments } from '../support/secure-boot-disk.js';
import { UEFI_FIRMWARE } from '../support/uefi-firmware.js';
import type { SystemFiles } from './image.js';

/** The machine that a system runs on. */
export type MachineOptions = CommonOptions & (Arm64Options | Amd64Options);

interface CommonOptions {
  /** In QEMU's form; `1536M` if left out. */
  readonly memory?: string;
  /** 2 if left out. */
  readonly cpus?: number;
  /** Further parameters of the kernel: `crashkernel=384M`. */
  readonly commandLine?: string;
  /** Further options of QEMU: a watchdog, another disk. */
  readonly qemu?: readonly string[];
}

interface Arm64Options {
  readonly architecture?: 'arm64';
  /**
   * `device-tree` if left out: QEMU starts the kernel, which has a device tree and a GICv2. `uefi`: EDK2 starts the
   * kernel, which has ACPI and a GICv3, as on a server. `secure-boot`: the same with Secure Boot on, from a disk with
   * shim, GRUB and the kernel.
   */
  readonly firmware?: 'device-tree' | 'uefi' | 'secure-boot';
}

/** A PC, whose BIOS starts QEMU's kernel. */
interface Amd64Options {
  readonly architecture: 'amd64';
}

/** QEMU's program, its options for board and CPU, and the parameters of a kernel there. */
interface Platform {
  readonly qemu: string;
  readonly machine: readonly string[];
  readonly commandLine: string;
}

/** Of a machine: what its architecture and firmware decide. */
export function platformOf(options: MachineOptions): Platform {
  if (options.architecture === 'amd64') {
    return {
      qemu: 'qemu-system-x86_64',
      machine: ['-M', 'q35', '-cpu', 'max', ...X86_PLATFORM.accelerator],
      // Emulated on a busy machine, ticks may come too late for the kernel's check of its timer, which panics.
      commandLine: 'console=ttyS0 no_timer_check',
    };
  }
  const { firmware = 'device-tree' } = options;
  const board = firmware === 'device-tree' ? 'virt' : 'virt,gic-version=3';
  return {
    qemu: 'qemu-system-aarch64',
    machine: ['-M', board, '-cpu', 'cortex-a57', ...(firmware === 'uefi' ? ['-bios', UEFI_FIRMWARE] : [])],
    commandLine: 'console=ttyAMA0',
  };
}

/** How the host reaches a system. */
export interface Access {
  /** The port of 127.0.0.1 that leads to sshd. */
  readonly port: number;
  /** A file with the public key that root accepts. */
  readonly publicKey: string;
  /** The folder with the files of the boot disk, for `secure-boot`: `writeSecureBootDisk()`. */
  readonly bootDisk: string;
}

/** The parameters of the kernel that every system has. A panic without a crash kernel restarts it, as on a server. */
export function buildCommandLine({ rootUuid }: SystemFiles, machine: MachineOptions): string {
  const { commandLine: further = '' } = machine;
  return `root=UUID=${rootUuid} rw ${platformOf(machine).commandLine} quiet panic=5 ${further}`.trim();
}

/**
 * The options of QEMU. What the system writes goes to a temporary file, which QEMU removes when it ends: the image is
 * not changed. The network leads to the system's sshd alone; the system reaches nothing.
 */
export function buildQemuArguments(image: SystemFiles, machine: MachineOptions, access: Access): string[] {
  const { memory = '1536M', cpus = 2, qemu = [] } = machine;
  return [
    ...[...platformOf(machine).machine, '-m', memory, '-smp', String(cpus)],
    ...(isSecureBoot(machine)
      ? buildSecureBootArguments('aarch64', access.bootDisk)
      : [
          ...['-kernel', image.kernel, '-initrd', image.initrd],
          ...['-append', buildCommandLine(image, machine)],
        ]),
    ...['-drive', `if=none,id=disk,format=raw,snapshot=on,cache=unsafe,file=${escapeOption(image.disk)}`],
    ...['-device', 'virtio-blk-pci,drive=disk', '-device', 'virtio-rng-pci'],
    ...['-netdev', `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${access.port}-:22`],
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
    // systemd(1) takes credentials from QEMU; systemd-tmpfiles writes this one to /root/.ssh.
    ...[
      '-fw_cfg',
      `name=opt/io.systemd.credentials/ssh.authorized_keys.root,file=${escapeOption(access.publicKey)}`,
    ],
    ...qemu,
  ];
}

/** Whether shim and GRUB start the kernel, from a disk. */
export function isSecureBoot(machine: MachineOptions): boolean {
  return machine.architecture !== 'amd64' && machine.firmware === 'secure-boot';
}

function escapeOption(path: string): string {
  return path.replaceAll(',', ',,');
}
