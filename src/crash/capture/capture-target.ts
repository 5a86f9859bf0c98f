import { refuse } from '../../base/error.js';

/** Kinds of place that a dump is saved to. */
export const TARGET_KINDS = ['label', 'dev', '9p', 'raw'] as const;

/** A place that a capture kernel saves its dump to. */
export interface CaptureTarget {
  /**
   * `label` and `dev` are file systems, by their label or their device; `9p` is a share that a hypervisor gives; `raw` is
   * a disk or partition that is overwritten.
   */
  readonly kind: (typeof TARGET_KINDS)[number];
  /** The label, the device's path, or the share's tag. */
  readonly value: string;
  /** The folder there, `/var/crash`; empty for the topmost. */
  readonly path: string;
}

/**
 * Reads a target as the command line has it: `label=NAME:/path`, `dev=/dev/nvme0n1p2:/path`, `9p=TAG:/path`,
 * `raw=/dev/nvme0n1p3`. The path may be left out.
 *
 * @throws KexecError `EINVAL`, check `capture-target`.
 */
export function parseCaptureTarget(text: string): CaptureTarget {
  const [, name, value = '', folder = ''] = /^(\w+)=([^:]+)(?::(\/.*))?$/.exec(text) ?? [];
  const path = folder.replace(/\/+$/, '');
  const kind = TARGET_KINDS.find((one) => one === name);
  if (kind === undefined)
    refuse(
      'capture-target',
      'EINVAL',
      `${JSON.stringify(text)}: none of ${TARGET_KINDS.map((one) => `${one}=…`).join(', ')}`,
    );
  if (/\p{Cc}/u.test(text))
    refuse('capture-target', 'EINVAL', `${JSON.stringify(text)}: it has control characters`);
  if ((kind === 'dev' || kind === 'raw') && !value.startsWith('/dev/')) {
    refuse('capture-target', 'EINVAL', `${JSON.stringify(text)}: a device is a path in /dev`);
  }
  if (path.split('/').includes('..'))
    refuse(
      'capture-target',
      'EINVAL',
      `${JSON.stringify(text)}: its path leads out of the file system by ".."`,
    );
  if (kind === 'raw' && path !== '')
    refuse(
      'capture-target',
      'EINVAL',
      `${JSON.stringify(text)}: a disk without a file system has no folders`,
    );
  return { kind, value, path };
}
