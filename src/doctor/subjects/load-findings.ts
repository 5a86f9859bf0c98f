import { CHECKS, type Check } from '../../base/checks.js';
import type { KexecError } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { LoadResult } from '../../kexec/file-load.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding, Topic } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';
import { hasKexecFileLoad } from './lockdown-findings.js';

/** Checks that have a topic of their own; a refusal by any other is told as one of the load. */
const TOPICS: Partial<Record<Check, Topic>> = {
  'image-header': 'image',
  'image-magic': 'image',
  'image-size': 'image',
  'image-endianness': 'image',
  'image-granule': 'image',
  'crash-region': 'crash-region',
  elfcorehdr: 'crash-facts',
  'kernel-file': 'image',
  'unwrapped-size': 'image',
  'compressed-data': 'image',
  zboot: 'image',
  uki: 'image',
  uimage: 'image',
  fit: 'image',
  vmlinux: 'image',
};

/** What comes of loading the kernel: the refusal, or where it would go. The load is kexecFileLoad() itself. */
export function diagnoseLoad(
  machine: Machine,
  subject: IntendedLoad,
  { load, about }: NextKernel,
): Finding[] {
  if (load === undefined) return [];
  if ('refusal' in load) return diagnoseRefusal(load.refusal, about, machine, subject);
  return [
    {
      topic: 'load',
      severity: 'fine',
      about,
      fact: `${about === 'kdump' ? 'the crash kernel' : 'the kernel'} can be loaded: ${describePlaces(load)}`,
      why: `every check of the load holds; "kexec-file plan" prints them`,
      source: 'kexec_file_load(2)',
    },
  ];
}

function describePlaces({ kimage }: Extract<LoadResult, { kimage: unknown }>): string {
  return kimage.segments.map(({ name, mem }) => `${name} at ${hex(mem)}`).join(', ');
}

function diagnoseRefusal(
  { check, errno, seen }: KexecError,
  about: 'kexec' | 'kdump',
  machine: Machine,
  subject: IntendedLoad,
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
      cure,
      source,
    },
  ];
}
