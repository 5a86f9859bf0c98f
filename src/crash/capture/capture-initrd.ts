import { buildCpio, type CpioSource } from '../../formats/cpio.js';
import { buildBusyboxRoot, buildTextFile } from './busybox-root.js';
import { CAPTURE_FILES } from './capture-files.js';
import { CAPTURE_SCRIPT } from './capture-script.js';
import type { CaptureTarget } from './capture-target.js';

/** What a capture kernel does after saving. */
export const CAPTURE_ENDS = ['reboot', 'poweroff', 'halt', 'shell'] as const;

/** A kernel module, not compressed. */
export interface CaptureModule {
  /** The name of its file: `virtio_blk.ko`. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

export interface CaptureInitrd {
  /** A busybox for the capture kernel's CPU, statically linked. */
  readonly busybox: Uint8Array;
  /** The script that collects facts about the machine. */
  readonly collector: string;
  /** In load order. */
  readonly modules: readonly CaptureModule[];
  /** The dump is saved to the first that accepts it. */
  readonly targets: readonly CaptureTarget[];
  /** How long a target's disk may take to appear, in seconds. */
  readonly patience: number;
  readonly end: (typeof CAPTURE_ENDS)[number];
}

/**
 * Builds the initrd of a capture kernel: busybox, {@link CAPTURE_SCRIPT} and the files that it reads. The same input
 * gives the same bytes.
 */
export function buildCaptureInitrd(initrd: CaptureInitrd): Uint8Array {
  const { busybox, collector, modules, targets, patience, end } = initrd;
  const { folder, moduleFolder } = CAPTURE_FILES;
  const targetLines = targets.map(({ kind, value, path }) => [kind, value, path].join('\t'));
  const moduleLines = modules.map(({ file }) => file);
  return buildCpio([
    ...buildBusyboxRoot({ busybox, init: CAPTURE_SCRIPT, folders: ['lib', moduleFolder, 'mnt', folder] }),
    buildTextFile(`${folder}/${CAPTURE_FILES.collector}`, collector),
    buildSetting('targets', targetLines),
    buildSetting('patience', [String(patience)]),
    buildSetting('end', [end]),
    buildSetting('modules', moduleLines),
    ...modules.map(
      ({ file, bytes }): CpioSource => ({ name: `${moduleFolder}/${file}`, type: 'file', bytes }),
    ),
  ]);
}

function buildSetting(
  name: 'targets' | 'patience' | 'end' | 'modules',
  lines: readonly string[],
): CpioSource {
  const content = lines.map((line) => `${line}\n`).join('');
  return buildTextFile(`${CAPTURE_FILES.folder}/${CAPTURE_FILES[name]}`, content);
}
