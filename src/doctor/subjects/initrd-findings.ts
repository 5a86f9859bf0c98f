import { KexecError } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { type CpioCompression, type CpioListing, parseCpio } from '../../formats/cpio.js';
import { hasMagic } from '../../formats/magics.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import { isBuiltIn } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';

/** What unpacks each (`lib/decompress.c`, usr/Kconfig). */
const OPTIONS: Readonly<Record<CpioCompression, string>> = {
  gzip: 'RD_GZIP',
  bzip2: 'RD_BZIP2',
  lzma: 'RD_LZMA',
  xz: 'RD_XZ',
  lzo: 'RD_LZO',
  lz4: 'RD_LZ4',
  zstd: 'RD_ZSTD',
};

const SOURCE = 'the initrd, its first bytes; unpack_to_rootfs()';

/** Whether the next kernel can unpack the initrd: early archives as they are, then one that is compressed. */
export function diagnoseInitrd({ initrd }: IntendedLoad, next: NextKernel): Finding[] {
  if (initrd === undefined || initrd.length === 0) return [];
  return [...diagnoseSupport(next), ...diagnoseArchive(initrd, next)];
}

function diagnoseSupport({ options, about }: NextKernel): Finding[] {
  if (isBuiltIn(options, 'BLK_DEV_INITRD') !== false) return [];
  return [
    {
      topic: 'initrd',
      severity: 'stops',
      about,
      fact: 'the next kernel has no CONFIG_BLK_DEV_INITRD',
      why: 'it ignores every initrd',
      cure: 'take a kernel with CONFIG_BLK_DEV_INITRD=y',
      source: "the next kernel's configuration",
    },
  ];
}

function diagnoseArchive(initrd: Uint8Array, { options, about }: NextKernel): Finding[] {
  const finding = { topic: 'initrd', about, source: SOURCE } as const;
  let listing: CpioListing;
  try {
    listing = parseCpio(initrd);
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    return [diagnoseMalformed(initrd, error, about)];
  }
  const { entries, rest } = listing;
  if (rest === undefined) {
    const fact = `the initrd is not compressed: ${countEntries(entries)}`;
    return [{ ...finding, severity: 'fine', fact, why: 'every kernel with initrds reads that' }];
  }
  const option = OPTIONS[rest.kind];
  const early = entries.length === 0 ? '' : `, behind an early archive of ${countEntries(entries)}`;
  const fact = `the initrd is compressed with ${rest.kind}${early}`;
  switch (isBuiltIn(options, option)) {
    case true:
      return [{ ...finding, severity: 'fine', fact, why: `the next kernel has CONFIG_${option}` }];
    case false:
      return [
        {
          ...finding,
          severity: 'stops',
          fact: `${fact}; the next kernel has no CONFIG_${option}`,
          why: 'it cannot unpack it ("compression method not configured"), and finds no /init',
          cure: `compress it with ${listSupported(options)}: COMPRESS= in /etc/initramfs-tools/initramfs.conf, compress= in /etc/dracut.conf`,
        },
      ];
    default:
      return [
        {
          ...finding,
          severity: 'unknown',
          fact: `${fact}; whether the next kernel has CONFIG_${option} is not known`,
          why: 'a kernel that cannot unpack it finds no /init',
          cure: "give the next kernel's configuration: --config /boot/config-…",
        },
      ];
  }
}

function countEntries({ length }: CpioListing['entries']): string {
  return length === 1 ? '1 entry' : `${length} entries`;
}

function listSupported(options: NextKernel['options']): string {
  const kinds = Object.entries(OPTIONS).filter(([, option]) => isBuiltIn(options, option) === true);
  return kinds.length === 0 ? 'nothing' : kinds.map(([kind]) => kind).join(', ');
}

function diagnoseMalformed(initrd: Uint8Array, error: KexecError, about: 'kexec' | 'kdump'): Finding {
  const finding = { topic: 'initrd', about, source: SOURCE } as const;
  const at = Number(error.offset ?? 0n);
  // What the lz4 command writes without -l, and the kernel does not read.
  if (hasMagic(initrd.subarray(at), 'lz4Frame')) {
    return {
      ...finding,
      severity: 'stops',
      fact: `the initrd is compressed in lz4 frames, from offset ${hex(at)}`,
      why: 'the kernel reads the legacy format of lz4 alone, and finds no /init',
      cure: 'compress it with lz4 -l',
    };
  }
  return {
    ...finding,
    severity: 'warns',
    fact: `the initrd is no archive that the kernel unpacks: ${error.seen}`,
    why: 'unless it is the image of a file system for an old-style RAM disk, the next kernel finds no /init',
    cure: 'make it again: update-initramfs -u, dracut --force',
  };
}
