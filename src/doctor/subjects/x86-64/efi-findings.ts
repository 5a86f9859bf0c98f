import { BOOT_PARAMS_AT } from '../../../formats/boot-params-fields.js';
import { findUefiBoot } from '../../../machine/booted-by-uefi.js';
import { findRuntimeDisabling } from '../../../machine/efi-runtime.js';
import type { X86Machine } from '../../../machine/x86-64/x86-machine.js';
import type { Finding } from '../../finding.js';
import type { IntendedLoad } from '../../intended-load.js';
import type { NextKernel } from '../../next-kernel.js';

const FRAME = { topic: 'firmware', about: 'both' } as const;

/** Finds whether the width of the firmware stops a load, and whether the next kernel gets what the firmware told this one. */
export function diagnoseEfi(machine: X86Machine, _: IntendedLoad, next: NextKernel): Finding[] {
  return [...diagnoseWidth(machine, next), ...diagnoseHandOver(machine)];
}

/** Mixed mode: a 64-bit kernel calls 32-bit firmware by code of the running kernel's own. */
function diagnoseWidth(machine: X86Machine, { load }: NextKernel): Finding[] {
  if (machine.efi?.platformSize !== 32) return [];
  const isRefused = load !== undefined && 'refusal' in load && load.refusal.check === 'bzimage-firmware';
  const disabling = findRuntimeDisabling(machine);
  const finding = { ...FRAME, source: '/sys/firmware/efi/fw_platform_size; bzImage64_probe()' } as const;
  if (disabling !== undefined) {
    return [
      {
        ...finding,
        severity: 'fine',
        fact: `the firmware is 32-bit, and the kernel leaves its runtime services alone (${disabling})`,
        why: 'kexec_file_load loads 64-bit kernels only then',
        evidence: { check: 'bzimage-firmware', holds: true },
      },
    ];
  }
  if (isRefused) return [];
  return [
    {
      ...finding,
      severity: 'stops',
      fact: 'the firmware is 32-bit, the kernel 64-bit, and EFI runtime services are in use',
      why: 'kexec_file_load refuses every kernel: ENOEXEC',
      cure: 'boot the running kernel with efi=noruntime',
      evidence: { check: 'bzimage-firmware', holds: false },
    },
  ];
}

const SOURCE = 'the command line, boot_params; setup_efi_state()';

/** A kernel without runtime services hands on nothing of UEFI; neither does one that was given no map of it. */
function diagnoseHandOver(machine: X86Machine): Finding[] {
  if (findUefiBoot(machine) !== true) return [];
  const cause = findCause(machine);
  const finding = { ...FRAME, source: SOURCE, evidence: { check: 'efi-runtime' } } as const;
  if (cause === undefined) return [];
  if (cause === 'unknown') {
    return [
      {
        ...finding,
        severity: 'unknown',
        fact: "whether the next kernel gets UEFI's memory map is not known: the running kernel's boot_params were not recorded",
        why: 'without the map, it knows nothing of UEFI, nor of Secure Boot',
        cure: 'record the machine again, as root, with /sys/kernel/boot_params/data',
      },
    ];
  }
  return [
    {
      ...finding,
      severity: 'warns',
      fact: `the next kernel gets nothing of UEFI: ${cause}`,
      why:
        'it has no EFI variables and no runtime services, and does not know whether Secure Boot is on: it does not lock itself down ' +
        'by it, and IMA demands nothing by it',
      cure: 'boot the running kernel with runtime services (without noefi and efi=noruntime, or with efi=runtime); or reboot through firmware',
    },
  ];
}

function findCause(machine: X86Machine): string | undefined {
  const disabling = findRuntimeDisabling(machine);
  if (disabling !== undefined) return `the running kernel leaves its runtime services alone (${disabling})`;
  const { bootParams } = machine.x86;
  if (bootParams === undefined) return 'unknown';
  const at = BOOT_PARAMS_AT.efiMapSize;
  const hasMap = bootParams.subarray(at, at + 4).some((byte) => byte !== 0);
  return hasMap ? undefined : "the running kernel was entered without UEFI's memory map";
}
