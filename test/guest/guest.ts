import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  constants,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpus } from '../support/corpus.js';
import { buildSecureBootArguments, writeSecureBootDisk } from '../support/secure-boot-disk.js';
import { baseArchive, type GuestProgram } from './base.js';
import { addPackage } from './package.js';
import { findGuestKernel, type GuestKernel, type GuestPlatform, platformOf } from './platforms.js';
import { runQemu } from './qemu.js';
import { GuestTree } from './tree.js';

export interface GuestOptions {
  /** Which of Debian's kernels boots, and so the architecture; `cloud-6.12` if left out. */
  readonly kernel?: GuestKernel;
  /**
   * For busybox's shell, as root, with `kexec-file` and busybox's applets in PATH. When it ends, the guest ends, with
   * its exit status.
   */
  readonly script: string;
  /** `executable` if left out. With `node`, `node` is in PATH, too. */
  readonly program?: GuestProgram;
  /**
   * QEMU's own if left out, which starts the kernel itself. `secure-boot`: UEFI firmware with Microsoft's keys starts shim,
   * which starts GRUB, which starts the kernel, for x86_64.
   */
  readonly firmware?: 'secure-boot';
  /** In QEMU's form; `2G` if left out. */
  readonly memory?: string;
  /** QEMU's; `virt` or `q35` if left out. */
  readonly board?: string;
  /** 2 if left out. */
  readonly cpus?: number;
  /** `cortex-a57` or `max` if left out. A CPU with pointer authentication is slow without `pauth-impdef=on`. */
  readonly cpu?: string;
  /** The exception level that a kernel for arm64 starts at; 1 if left out. */
  readonly el?: 1 | 2;
  /** Further parameters of the kernel: `crashkernel=256M`. */
  readonly commandLine?: string;
  /** By path in the guest: bytes of an executable file, or the path of a file of the host. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  /** In milliseconds; 8 minutes if left out. */
  readonly timeout?: number;
  /** Further options of QEMU. */
  readonly qemu?: readonly string[];
  /** Debian packages whose files are added: keys of `scripts/debian.mjs`. */
  readonly packages?: readonly string[];
}

export interface GuestRun {
  /** The console of the kernel, and of a kernel that was entered after it. Lines end in \r\n. */
  readonly console: string;
  /** The script's exit status; undefined if the guest ended otherwise: by kexec, or a panic. */
  readonly status: number | undefined;
  /** What the script printed, on standard output and standard error, and nothing else. */
  readonly output: string;
}

/** The time limit of a guest, in milliseconds. On an idle machine it takes 5 to 60 seconds. */
const PATIENCE = 480_000;

/** For tests that run one guest: the guest's own time limit comes first, and reports more. */
export const GUEST_TEST_TIMEOUT = PATIENCE + 10_000;

/**
 * Boots one of Debian's kernels in QEMU, with this program, and runs a script. No modules are there, and no disk:
 * everything is in the initramfs. When it returns or throws, QEMU has ended.
 *
 * @throws Error if something is missing, or time is up; it tells what the guest said until then
 */
export async function runGuest(options: GuestOptions): Promise<GuestRun> {
  const { timeout = PATIENCE, program = 'executable', kernel = 'cloud-6.12' } = options;
  const platform = platformOf(kernel);
  const marker = `guest-${randomUUID()}`;
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-guest-'));
  try {
    const initrd = join(folder, 'initrd');
    const outputFile = join(folder, 'output');
    writeFileSync(outputFile, '');
    copyFileSync(baseArchive(program, platform), initrd, constants.COPYFILE_FICLONE);
    appendFileSync(initrd, buildArchive(options, platform, marker));
    const args = [
      ...buildQemuArguments({ ...options, kernel }, outputFile),
      ...buildBootArguments({ ...options, kernel }, initrd, folder),
    ];
    const { console, timedOut } = await runQemu(args, timeout, platform.qemu);
    const run = { console, ...splitOutput(readFileSync(outputFile, 'utf8'), marker) };
    if (!timedOut) return run;
    throw new Error(`the guest was still running after ${timeout} ms:\n${run.output}\n${console}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The files of this guest beside those of every guest. */
function buildArchive(options: GuestOptions, platform: GuestPlatform, marker: string): Uint8Array {
  const { script, files = {}, packages = [] } = options;
  const tree = new GuestTree();
  if (options.program === 'node') addPackage(tree, platform);
  for (const key of packages) {
    tree.addFolderOfHost('/', corpus.debianPackage(key), (path) => !path.startsWith('boot/'));
  }
  tree.addFile('/guest/script', Buffer.from(script));
  tree.addFile('/guest/marker', Buffer.from(marker));
  tree.addFile('/guest/output', Buffer.from(`/dev/${platform.output}`));
  for (const [path, content] of Object.entries(files)) {
    if (typeof content === 'string') tree.addFileOfHost(path, content);
    else tree.addFile(path, content);
  }
  return tree.toCpio();
}

function buildQemuArguments(
  options: GuestOptions & { readonly kernel: GuestKernel },
  outputFile: string,
): string[] {
  const { machine, accelerator, outputOptions } = platformOf(options.kernel);
  const { memory = '2G', cpus = 2, board = machine[0], cpu = machine[1], el = 1, qemu = [] } = options;
  return [
    ...accelerator,
    ...[
      '-M',
      el === 2 ? `${board},virtualization=on` : board,
      '-cpu',
      cpu,
      '-m',
      memory,
      '-smp',
      String(cpus),
    ],
    ...['-chardev', `file,id=output,path=${outputFile.replaceAll(',', ',,')}`, ...outputOptions],
    ...qemu,
  ];
}

/** QEMU's options for the kernel, or for what starts it. @param folder - for the files of a disk that it boots */
function buildBootArguments(
  { kernel, firmware, commandLine: further = '' }: GuestOptions & { readonly kernel: GuestKernel },
  initrd: string,
  folder: string,
): string[] {
  const { console, commandLine: common, bootLoaders } = platformOf(kernel);
  const [path, commandLine] = [findGuestKernel(kernel), `console=${console} ${common} ${further}`.trim()];
  if (firmware === undefined) return ['-kernel', path, '-initrd', initrd, '-append', commandLine];
  if (bootLoaders === undefined) throw new Error(`no guest boots ${kernel} by ${firmware}`);
  const disk = join(folder, 'boot');
  writeSecureBootDisk(disk, 'x86_64', { ...bootLoaders(), kernel: path, initrd }, commandLine);
  return buildSecureBootArguments('x86_64', disk);
}

/** The marker and the exit status follow the last byte of the output. */
function splitOutput(text: string, marker: string): Pick<GuestRun, 'output' | 'status'> {
  const [output = '', status] = text.split(`${marker} `);
  return { output, status: status === undefined ? undefined : Number(status) };
}
