import { latin1 } from '../base/bytes.js';
import { CHECKS, type Check } from '../base/checks.js';
import { KexecError } from '../base/error.js';
import { hex } from '../base/u64.js';
import { parsePe } from '../formats/pe.js';
import type { LoadResult } from '../kexec/file-load.js';
import type { Machine } from '../machine/machine.js';
import type { Finding, Topic } from './finding.js';
import { hasKexecFileLoad } from './lockdown.js';
import type { NextKernel } from './next-kernel.js';
import type { Subject } from './subject.js';

/** Checks that have a topic of their own; a refusal by any other is told as one of the load. */
const TOPICS: Partial<Record<Check, Topic>> = {
  'image-header': 'image',
  'image-magic': 'image',
  'image-size': 'image',
  'image-endianness': 'image',
  'image-granule': 'image',
  'crash-region': 'crash-region',
  elfcorehdr: 'crash-facts',
};

/** What comes of loading the kernel: the refusal, or where it would go. The load is kexecFileLoad() itself. */
export function diagnoseLoad(machine: Machine, subject: Subject, { load, about }: NextKernel): Finding[] {
  if (load === undefined) return [];
  if ('refusal' in load) return diagnoseRefusal(load.refusal, about, machine, subject);
  return [
    {
      topic: 'load',
      severity: 'fine',
      about,
      fact: `${about === 'kdump' ? 'the crash kernel' : 'the kernel'} can be loaded: ${placesOf(load)}`,
      why: `every check of the load holds; "kexec-file plan" prints them`,
      source: 'kexec_file_load(2)',
    },
  ];
}

function placesOf({ kimage }: Extract<LoadResult, { kimage: unknown }>): string {
  return kimage.segments.map(({ name, mem }) => `${name} at ${hex(mem)}`).join(', ');
}

function diagnoseRefusal(
  { check, errno, seen }: KexecError,
  about: 'kexec' | 'kdump',
  machine: Machine,
  subject: Subject,
): Finding[] {
  // These have findings of their own, which know more.
  if (check === 'crash-region' || (check === 'elfcorehdr' && machine.crash === undefined)) return [];
  const { rule, source, cure } = CHECKS[check];
  const isOnlyOurs = check === 'elfcorehdr' && hasKexecFileLoad(machine, subject) === true;
  return [
    {
      topic: TOPICS[check] ?? 'load',
      severity: isOnlyOurs ? 'unknown' : 'stops',
      about,
      fact: `the load is refused: ${errno} (${check}): ${seen}`,
      why: isOnlyOurs ? `the kernel makes its own; what this project would load: ${rule}` : rule,
      cure: check === 'image-magic' ? cureForKind(subject.kernel) : cure,
      source,
    },
  ];
}

/** What kernels come wrapped in. */
function cureForKind(kernel: Uint8Array = new Uint8Array(0)): string {
  const start = latin1(kernel.subarray(0, 8));
  if (start.startsWith('\x1f\x8b')) return 'this is a gzip file: gunzip it (Image.gz)';
  if (start.startsWith('\x28\xb5\x2f\xfd')) return 'this is a zstd file: unzstd it (Image.zst)';
  if (start.startsWith('MZ') && start.slice(4) === 'zimg')
    return 'this is a zboot kernel, which unpacks itself under EFI alone: take the Image out of it (CONFIG_EFI_ZBOOT; Image in the build)';
  if (start.startsWith('\x7fELF'))
    return 'this is an ELF file: take arch/arm64/boot/Image of the same build, not vmlinux';
  if (start.startsWith('MZ') && hasLinuxSection(kernel))
    return 'this is a unified kernel image: take the kernel out of it (objcopy -O binary --only-section=.linux)';
  return CHECKS['image-magic'].cure;
}

function hasLinuxSection(kernel: Uint8Array): boolean {
  try {
    return parsePe(kernel).sections.some(({ name }) => name === '.linux');
  } catch (error) {
    if (error instanceof KexecError) return false;
    throw error;
  }
}
