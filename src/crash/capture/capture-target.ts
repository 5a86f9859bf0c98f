import { refuse } from '../../base/error.js';

/** Kinds of targets that a dump is saved to. */
const TARGET_KINDS = ['label', 'dev', '9p', 'raw'] as const;

/**
 * Targets that other tools have and this one has not, by the words that ask for them. kdump-utils (Fedora, RHEL) has
 * ssh, nfs and, since 2024, LUKS; kdump-tools (Debian, Ubuntu) has ssh, nfs and ftp.
 */
const MISSING: readonly { readonly pattern: RegExp; readonly what: string; readonly instead: string }[] = [
  {
    pattern:
      /^(ssh|scp|sftp|nfs[234]?|ftp|tftp|https?|cifs|smb|iscsi|nbd|net|raw_net)[=:]|^(\S+@)?[\w.-]+:\/(?!dev\b)/i,
    what: 'a target in the network',
    instead:
      'save to a disk, and copy the dump when the machine is up again; to save over ssh or nfs, use kdump-utils ' +
      '(kdump.conf: ssh, nfs) or kdump-tools (KDUMP_CONFIG: SSH=, NFS=)',
  },
  {
    pattern: /^(luks|crypt)\w*[=:]|^(dev|raw)=\/dev\/(mapper\/|dm-)/i,
    what: 'an encrypted disk or a logical volume',
    instead:
      'save to a partition without encryption and LVM: the capture initrd has neither cryptsetup nor lvm; for LUKS, use ' +
      'kdump-utils on Linux 6.16 or later, which hands the keys to the capture kernel',
  },
];

/** A target that a capture kernel saves its dump to. */
export interface CaptureTarget {
  /**
   * `label` and `dev` are file systems, by their label or their device; `9p` is a share of the hypervisor; `raw` is a
   * disk or partition that is overwritten.
   */
  readonly kind: (typeof TARGET_KINDS)[number];
  /** The label, the path of the device, or the tag of the share. */
  readonly value: string;
  /** The folder there, `/var/crash`; empty for the root folder. */
  readonly path: string;
}

/**
 * Parses a target of the command line: `label=NAME:/path`, `dev=/dev/nvme0n1p2:/path`, `9p=TAG:/path`,
 * `raw=/dev/nvme0n1p3`. The path may be left out.
 *
 * @throws KexecError `EINVAL`, check `capture-target`.
 */
export function parseCaptureTarget(text: string): CaptureTarget {
  const fail = (reason: string): never =>
    refuse('capture-target', 'EINVAL', `${JSON.stringify(text)}: ${reason}`);
  const [, name, value = '', folder = ''] = /^(\w+)=([^:]+)(?::(\/.*))?$/.exec(text) ?? [];
  refuseMissing(text);
  const path = folder.replace(/\/+$/, '');
  const kind = TARGET_KINDS.find((known) => known === name);
  if (kind === undefined) return fail(`not ${TARGET_KINDS.map((known) => `${known}=…`).join(', ')}`);
  if (/\p{Cc}/u.test(text)) fail('it contains control characters');
  if ((kind === 'dev' || kind === 'raw') && !value.startsWith('/dev/')) fail('a device is a path in /dev');
  if (path.split('/').includes('..')) fail('its path contains ".."');
  if (kind === 'raw' && path !== '') fail('a disk without a file system has no folders');
  return { kind, value, path };
}

/** Says that a target is not there, and what has it. */
function refuseMissing(text: string): void {
  const missing = MISSING.find(({ pattern }) => pattern.test(text));
  if (missing === undefined) return;
  const seen = `${JSON.stringify(text)}: ${missing.what}, which kexec-file cannot save to`;
  refuse('capture-target', 'EINVAL', seen, { cure: missing.instead });
}
