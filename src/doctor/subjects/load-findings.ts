import { CHECKS, type Check } from '../../base/checks.js';
import type { KexecError } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { LoadResult } from '../../kexec/file-load.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding, Topic } from '../finding.js';
import { hasKexecFileLoad, type IntendedLoad } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';

/** The topics of refusals. A refusal by any other check has the topic `load`. */
const TOPICS: Partial<Record<Check, Topic>> = {
  'bzimage-header': 'image',
  'bzimage-protocol': 'image',
  'bzimage-setup': 'image',
  'bzimage-levels': 'image',
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

/** Finds the result of the simulated load: the refusal, or the places of the segments. */
export function diagnoseLoad(
  machine: Machine,
  intended: IntendedLoad,
  { load, about }: NextKernel,
): Finding[] {
  if (load === undefined) return [];
  if ('refusal' in load) return diagnoseRefusal(load.refusal, about, machine, intended);
  return [
    {
      topic: 'load',
      severity: 'fine',
      about,
      fact: `${about === 'kdump' ? 'the crash kernel' : 'the kernel'} can be loaded: ${describePlaces(load)}`,
      why: 'every check of the load passes; "kexec-file plan" prints them',
      source: 'kexec_file_load(2)',
    },
  ];
}

function describePlaces({ kimage }: Extract<LoadResult, { kimage: unknown }>): string {
  return kimage.segments.map(({ name, mem }) => `${name} at ${hex(mem)}`).join(', ');
}

function diagnoseRefusal(
  { check, errno, seen, cure }: KexecError,
  about: 'kexec' | 'kdump',
  machine: Machine,
  intended: IntendedLoad,
): Finding[] {
  // The subjects crash-region and crash-facts report these in more detail.
  if (check === 'crash-region' || (check === 'elfcorehdr' && machine.crash === undefined)) return [];
  const { rule, source } = CHECKS[check];
  const isKernelsTask = check === 'elfcorehdr' && hasKexecFileLoad(machine, intended) === true;
  return [
    {
      topic: TOPICS[check] ?? 'load',
      severity: isKernelsTask ? 'unknown' : 'stops',
      about,
      fact: `the load is refused: ${errno} (${check}): ${seen}`,
      why: isKernelsTask
        ? `with kexec_file_load, the kernel builds elfcorehdr itself; otherwise: ${rule}`
        : rule,
      cure,
      source,
    },
  ];
}
