import { join } from 'node:path';
import { ARM64_PLATFORM } from '../../src/node/qemu/arm64-platform.js';
import { X86_PLATFORM } from '../../src/node/qemu/x86-platform.js';
import { corpus } from '../support/corpus.js';
import type { BootChain } from '../support/secure-boot-disk.js';

/** Which of Debian's kernels boots in a guest: a key of `scripts/debian.mjs`. */
export type GuestKernel =
  | 'cloud-6.12'
  | 'cloud-6.1'
  | 'standard-6.1'
  | 'cloud-6.12:amd64'
  | 'cloud-6.1:amd64'
  | 'oracle-7.3:amd64';

/** What the architecture of a guest decides about its files and QEMU. */
export interface GuestPlatform {
  /** The CPU as Node names it: of the executable, Node and koffi's binary. */
  readonly cpu: 'arm64' | 'x64';
  /** QEMU's program. */
  readonly qemu: string;
  /** The board, and the CPU if a test names none. */
  readonly machine: readonly [board: string, cpu: string];
  /** QEMU's options for how its CPUs are emulated. */
  readonly accelerator: readonly string[];
  /** The device of the kernel's console: the first serial port. */
  readonly console: string;
  /** What else is on the kernel's command line, after the console. */
  readonly commandLine: string;
  /** The device of the script's output: a serial port that all of Debian's kernels support without a module. */
  readonly output: string;
  /** QEMU's options for that port, whose character device is `output`. */
  readonly outputOptions: readonly string[];
  /** The files that a second kernel reports the SHA-256 of, beside its payload. */
  readonly reported: readonly string[];
  /** Busybox, linked statically. */
  busybox(): string;
  /** The folder whose `node_modules` contains Node and koffi's binary. */
  packages(): string;
  /** The folders of the packages with the libraries that Node needs. */
  libraries(): readonly string[];
  /** What starts its kernels under Secure Boot, if guests boot so. */
  readonly bootLoaders?: () => Pick<BootChain, 'shim' | 'grub'>;
  /** A link that Node's program needs: its linker, which is in none of the folders of libraries. */
  readonly linker?: readonly [path: string, target: string];
}

/** Few messages of the kernel, and a panic ends QEMU. */
const COMMAND_LINE = 'quiet panic=-1';

const LIBRARIES = ['libc6', 'libstdc++6', 'libgcc-s1'];

const ARM64: GuestPlatform = {
  cpu: 'arm64',
  qemu: 'qemu-system-aarch64',
  machine: ['virt', 'cortex-a57'],
  accelerator: ARM64_PLATFORM.accelerator,
  console: 'ttyAMA0',
  commandLine: COMMAND_LINE,
  output: 'ttyS0',
  outputOptions: ['-device', 'pci-serial,chardev=output'],
  reported: ['/sys/firmware/fdt'],
  busybox: corpus.busybox,
  packages: corpus.guestNode,
  libraries: () => LIBRARIES.map(corpus.debianPackage),
};

const X86_64: GuestPlatform = {
  cpu: 'x64',
  qemu: 'qemu-system-x86_64',
  machine: ['q35', 'max'],
  accelerator: X86_PLATFORM.accelerator,
  console: 'ttyS0',
  // Emulated on a busy machine, ticks may come too late for the kernel's check of its timer, which panics.
  commandLine: `${COMMAND_LINE} no_timer_check`,
  output: 'ttyS1',
  outputOptions: ['-serial', 'chardev:output'],
  reported: [],
  busybox: corpus.x86Busybox,
  packages: corpus.x86GuestNode,
  libraries: () => LIBRARIES.map((name) => corpus.debianPackage(`image-${name}:amd64`)),
  bootLoaders: () => ({ shim: corpus.x86Shim(), grub: corpus.x86Grub() }),
  linker: ['/lib64/ld-linux-x86-64.so.2', '/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'],
};

/** The platforms by Node's names of their CPUs. */
export const PLATFORMS: Readonly<Record<GuestPlatform['cpu'], GuestPlatform>> = { arm64: ARM64, x64: X86_64 };

/** The platform of a kernel. */
export function platformOf(kernel: GuestKernel): GuestPlatform {
  return kernel.endsWith(':amd64') ? X86_64 : ARM64;
}

/** The path of Node in the packages of a platform. */
export function nodeOf(platform: GuestPlatform): string {
  return join(platform.packages(), `node_modules/node-linux-${platform.cpu}/bin/node`);
}

/** The path of one of Debian's kernels. */
export function findGuestKernel(kernel: GuestKernel): string {
  if (kernel === 'oracle-7.3:amd64') return corpus.x86Oracle('7.3');
  return platformOf(kernel) === ARM64 ? corpus.kernel(kernel) : corpus.x86Kernel(kernel);
}
