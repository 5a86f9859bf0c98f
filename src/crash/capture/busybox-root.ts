import type { CpioSource } from '../../formats/cpio.js';

/** The first lines of an init for busybox's shell: they install busybox's commands and mount what every init needs. */
export const BUSYBOX_INIT_START = `#!/bin/busybox sh
PATH=/bin
export PATH
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
`;

/** The root of an initramfs that runs a shell script. */
interface BusyboxRoot {
  /** A busybox for the CPU that runs it, statically linked. */
  readonly busybox: Uint8Array;
  /** A script that begins with {@link BUSYBOX_INIT_START}. */
  readonly init: string;
  /** Folders beside those that the init needs; each follows the one that contains it. */
  readonly folders?: readonly string[];
}

/** Builds the entries of an archive: folders, the console, busybox, its shell, and the init. */
export function buildBusyboxRoot({ busybox, init, folders = [] }: BusyboxRoot): CpioSource[] {
  return [
    ...['bin', 'dev', 'proc', 'sys', 'tmp', ...folders].map(
      (name): CpioSource => ({ name, type: 'directory' }),
    ),
    { name: 'dev/console', type: 'characterDevice', node: { major: 5, minor: 1 } },
    buildProgram('bin/busybox', busybox),
    { name: 'bin/sh', type: 'symlink', target: 'busybox' },
    buildProgram('init', new TextEncoder().encode(init)),
  ];
}

/** Builds the entry of a file that can be executed. */
export function buildProgram(name: string, bytes: Uint8Array): CpioSource {
  return { name, type: 'file', permissions: 0o755, bytes };
}

/** Builds the entry of a text file. */
export function buildTextFile(name: string, content: string): CpioSource {
  return { name, type: 'file', bytes: new TextEncoder().encode(content) };
}
