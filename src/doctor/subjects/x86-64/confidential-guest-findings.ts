import { BOOT_PARAMS_AT } from '../../../formats/boot-params-fields.js';
import { findUefiBoot } from '../../../machine/booted-by-uefi.js';
import { findParameterValues } from '../../../machine/command-line.js';
import type { X86Machine } from '../../../machine/x86-64/x86-machine.js';
import type { Finding } from '../../finding.js';

const FRAME = {
  topic: 'memory',
  about: 'kexec',
  source: 'tdx_guest of /proc/cpuinfo, cc_blob_address of boot_params, accept_memory=; accept_memory()',
} as const;

/**
 * Finds whether segments may be placed in memory that a confidential guest has not accepted yet. A crash region is accepted when
 * it is reserved. Only UEFI has a table of such memory, which the EFI stub hands to the kernel: `allocate_unaccepted_bitmap()`.
 */
export function diagnoseConfidentialGuest(machine: X86Machine): Finding[] {
  if (findUefiBoot(machine) === false) return [];
  const guest = nameGuest(machine);
  if (guest === undefined) return [];
  if (guest === 'unknown') return [UNKNOWN];
  const { commandLine } = machine;
  if (findParameterValues(commandLine ?? '', 'accept_memory').at(-1) === 'eager') {
    return [
      {
        ...FRAME,
        severity: 'fine',
        fact: `this is a guest of ${guest}, which accepted all memory at boot (accept_memory=eager)`,
        why: 'a kernel can be copied to any place in it',
      },
    ];
  }
  return [
    {
      ...FRAME,
      severity: 'warns',
      fact: `this is a guest of ${guest}: memory that it has not used yet may not be accepted`,
      why: 'Linux 6.12 copies segments to places that were never accepted, and stops there; newer kernels accept them when they load',
      cure: 'boot the running kernel with accept_memory=eager, or run a newer one',
    },
  ];
}

const UNKNOWN: Finding = {
  ...FRAME,
  severity: 'unknown',
  fact: 'whether this is a confidential guest (TDX, SEV-SNP) is not known',
  why: 'in such a guest, segments may be placed in memory that is not accepted yet, where Linux 6.12 stops',
  cure: 'record the machine again with /proc/cpuinfo and, as root, /sys/kernel/boot_params/data',
};

/** SEV-SNP's firmware passes a "CC blob", whose address the kernel keeps. */
function nameGuest({ x86: { tdxGuest, bootParams } }: X86Machine): string | undefined {
  if (tdxGuest === true) return 'TDX';
  const at = BOOT_PARAMS_AT.ccBlob;
  if (bootParams?.subarray(at, at + 4).some((byte) => byte !== 0) === true) return 'SEV-SNP';
  return tdxGuest === undefined || bootParams === undefined ? 'unknown' : undefined;
}
