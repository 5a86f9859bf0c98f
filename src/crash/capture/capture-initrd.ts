import { buildCpio, type CpioSource } from '../../formats/cpio.js';
import { CAPTURE_FILES } from './capture-files.js';
import { CAPTURE_SCRIPT } from './capture-script.js';
import type { CaptureTarget } from './capture-target.js';

/** What a capture kernel does when it is through. */
export const CAPTURE_ENDS = ['reboot', 'poweroff', 'halt', 'shell'] as const;

/** A kernel module, as it is loaded: not compressed. */
export interface CaptureModule {
  /** Of the file: `virtio_blk.ko`. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

export interface CaptureInitrd {
  /** A busybox for arm64, linked statically. */
  readonly busybox: Uint8Array;
  /** The script that collects what identifies the machine. */
  readonly collector: string;
  /** In the order in which they are loaded. */
  readonly modules: readonly CaptureModule[];
  /** The first that takes the dump gets it. */
  readonly targets: readonly CaptureTarget[];
  /** Seconds that a target's disk may take to be there. */
  readonly patience: number;
  readonly end: (typeof CAPTURE_ENDS)[number];
}

/**
 * Builds the initrd of a capture kernel: busybox, {@link CAPTURE_SCRIPT} and what it goes by. The same input gives the
 * same bytes.
 */
export function buildCaptureInitrd(initrd: CaptureInitrd): Uint8Array {
  const { busybox, collector, modules, targets, patience, end } = initrd;
  const { folder, moduleFolder } = CAPTURE_FILES;
  const folders = ['bin', 'dev', 'lib', moduleFolder, 'mnt', 'proc', 'sys', 'tmp', folder];
  const setting = (name: 'targets' | 'patience' | 'end' | 'modules', rows: readonly string[]) =>
    text(`${folder}/${CAPTURE_FILES[name]}`, rows.map((row) => `${row}\n`).join(''));
  return buildCpio([
    ...folders.map((name): CpioSource => ({ name, type: 'directory' })),
    { name: 'dev/console', type: 'characterDevice', node: { major: 5, minor: 1 } },
    { name: 'bin/busybox', type: 'file', permissions: 0o755, bytes: busybox },
    { name: 'bin/sh', type: 'symlink', target: 'busybox' },
    { ...text('init', CAPTURE_SCRIPT), permissions: 0o755 },
    text(`${folder}/${CAPTURE_FILES.collector}`, collector),
    setting(
      'targets',
      targets.map(({ kind, value, path }) => [kind, value, path].join('\t')),
    ),
    setting('patience', [String(patience)]),
    setting('end', [end]),
    setting(
      'modules',
      modules.map(({ file }) => file),
    ),
    ...modules.map(
      ({ file, bytes }): CpioSource => ({ name: `${moduleFolder}/${file}`, type: 'file', bytes }),
    ),
  ]);
}

function text(name: string, content: string): CpioSource {
  return { name, type: 'file', bytes: new TextEncoder().encode(content) };
}
