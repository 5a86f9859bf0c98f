import { INITRD_CHECKS } from '../../base/checks/initrd-checks.js';
import { attempt, KexecError } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { type CpioCompression, parseCpio } from '../../formats/cpio.js';
import { hasMagic } from '../../formats/magics.js';
import {
  DECOMPRESSOR_OPTIONS,
  describeRecompression,
} from '../../kernel-file/initrd/decompressor-options.js';
import type { InitrdProblem, InitrdReport } from '../../kernel-file/initrd/initrd-report.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';
import { diagnoseRoom } from './initrd-room-findings.js';

const SOURCE = 'the initrd, its first bytes; unpack_to_rootfs()';

/** Finds whether the next kernel can unpack the initrd, and has the room for its files. */
export function diagnoseInitrd(machine: Machine, intended: IntendedLoad, next: NextKernel): Finding[] {
  const { initrd, initrdReport: report } = intended;
  if (initrd === undefined || initrd.length === 0) return [];
  const support = diagnoseSupport(next);
  if (report === undefined) return [...support, diagnoseArchive(initrd, next)];
  const problem = report.problem ?? report.bound;
  const readable = report.members.length > 0 || problem === undefined;
  return [
    ...support,
    ...(problem === undefined ? [] : [diagnoseProblem(problem, report, next.about)]),
    ...(problem === undefined ? diagnoseTrailers(report, next.about) : []),
    ...(readable ? diagnoseMembers(report, next) : []),
    ...diagnoseRoom(machine, intended, next),
  ];
}

const UNPACKED = 'the initrd, unpacked; unpack_to_rootfs()';

/** The kernel keeps what it unpacked before the problem: often all but the files that matter. */
function diagnoseProblem(
  { check, seen, offset, cure }: InitrdProblem,
  { problem, entries }: InitrdReport,
  about: NextKernel['about'],
): Finding {
  const finding = { topic: 'initrd', about, cure, source: UNPACKED, evidence: { check } } as const;
  const where = offset === 0 ? '' : ` (at offset ${hex(offset)})`;
  if (problem === undefined) {
    const why = 'what follows may be damaged, or too large for the memory';
    return {
      ...finding,
      severity: 'unknown',
      fact: `not all of the initrd is examined: ${seen}${where}`,
      why,
    };
  }
  return {
    ...finding,
    severity: 'stops',
    fact: `the kernel cannot unpack the initrd: ${seen}${where}`,
    why:
      entries === 0
        ? 'the next kernel finds no /init'
        : `of the initrd, the next kernel has ${formatCount(entries)} at most, and may find no /init`,
    evidence: { check, holds: false },
  };
}

/** An archive that is cut between two entries looks whole to the kernel. Every tool ends one with a trailer. */
function diagnoseTrailers({ members }: InitrdReport, about: NextKernel['about']): Finding[] {
  const cut = members.find(({ hasTrailer }) => !hasTrailer);
  if (cut === undefined) return [];
  return [
    {
      topic: 'initrd',
      severity: 'warns',
      about,
      fact: `the archive at offset ${hex(cut.offset)} of the initrd has no trailer (TRAILER!!!)`,
      why: 'the kernel does not miss it, but the archive may be cut short, between two files',
      cure: INITRD_CHECKS['initrd-whole'].cure,
      source: UNPACKED,
      evidence: { check: 'initrd-whole' },
    },
  ];
}

function diagnoseMembers({ members, entries }: InitrdReport, next: NextKernel): Finding[] {
  const kinds = new Set(members.flatMap(({ kind }) => (kind === 'cpio' ? [] : [kind])));
  const [first] = members;
  const early = first?.kind === 'cpio' ? first.entries : 0;
  if (kinds.size > 0) return [...kinds].map((kind) => diagnoseCompression(kind, early, next));
  return [describePlain(entries, next.about)];
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
      cure: 'use a kernel with CONFIG_BLK_DEV_INITRD=y',
      source: "the next kernel's configuration",
    },
  ];
}

function diagnoseArchive(initrd: Uint8Array, next: NextKernel): Finding {
  const listing = attempt(() => parseCpio(initrd, 0));
  if (listing instanceof KexecError) return diagnoseMalformed(initrd, listing, next.about);
  const { count, rest } = listing;
  if (rest !== undefined) return diagnoseCompression(rest.kind, count, next);
  return describePlain(count, next.about);
}

function describePlain(entries: number, about: NextKernel['about']): Finding {
  return {
    topic: 'initrd',
    severity: 'fine',
    about,
    fact: `the initrd is not compressed: ${formatCount(entries)}`,
    why: 'every kernel with support for initrds can read it',
    source: SOURCE,
  };
}

function diagnoseCompression(
  kind: CpioCompression,
  earlyEntries: number,
  { options, about }: NextKernel,
): Finding {
  const finding = { topic: 'initrd', about, source: SOURCE } as const;
  const option = DECOMPRESSOR_OPTIONS[kind];
  const early = earlyEntries === 0 ? '' : `, after an early archive of ${formatCount(earlyEntries)}`;
  const fact = `the initrd is compressed with ${kind}${early}`;
  switch (isBuiltIn(options, option)) {
    case true:
      return { ...finding, severity: 'fine', fact, why: `the next kernel has CONFIG_${option}` };
    case false:
      return {
        ...finding,
        severity: 'stops',
        fact: `${fact}; the next kernel has no CONFIG_${option}`,
        why: 'it cannot unpack it ("compression method not configured"), and finds no /init',
        cure: describeRecompression(options),
      };
    default:
      return {
        ...finding,
        severity: 'unknown',
        fact: `${fact}; whether the next kernel has CONFIG_${option} is not known`,
        why: 'a kernel that cannot unpack the initrd finds no /init',
        cure: "give the next kernel's configuration: --config /boot/config-…",
      };
  }
}

function formatCount(entries: number): string {
  return entries === 1 ? '1 entry' : `${entries} entries`;
}

function diagnoseMalformed(initrd: Uint8Array, error: KexecError, about: 'kexec' | 'kdump'): Finding {
  const finding = { topic: 'initrd', about, source: SOURCE } as const;
  const at = Number(error.offset ?? 0n);
  // lz4(1) writes frames by default.
  if (hasMagic(initrd.subarray(at), 'lz4Frame')) {
    return {
      ...finding,
      severity: 'stops',
      fact: `the initrd is compressed in lz4 frames, from offset ${hex(at)}`,
      why: 'the kernel reads only the legacy format of lz4, and finds no /init',
      cure: 'compress it with lz4 -l',
    };
  }
  return {
    ...finding,
    severity: 'warns',
    fact: `the kernel cannot unpack the initrd: ${error.seen}`,
    why: 'unless the initrd is a file system image for the old RAM disk, the next kernel finds no /init',
    cure: 'build it again: update-initramfs -u, dracut --force',
  };
}
