import type { FIRMWARE_CHECKS } from '../../base/checks/firmware-checks.js';
import { isBootedByUefi } from '../../machine/booted-by-uefi.js';
import { findRuntimeDisabling } from '../../machine/efi-runtime.js';
import { hasIts, switchesLpisOff } from '../../machine/gic.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import type { NextBoot } from './next-boot.js';

/** Something of the firmware's that the next kernel lacks. */
export interface FirmwareLoss {
  readonly check: keyof typeof FIRMWARE_CHECKS;
  /** What was seen, and what follows from it. */
  readonly seen: string;
  /** What to do. */
  readonly cure: string;
}

/**
 * Finds what the next kernel loses of what firmware and the running kernel share. It starts all the same.
 *
 * @param machine - with the running kernel
 */
export function findFirmwareLosses(next: NextBoot, machine: MachineFacts): FirmwareLoss[] {
  return [...findLostRuntime(next, machine), ...findLostTables(next, machine)];
}

/** Without runtime services, the kernel finds memory and ACPI all the same. */
function findLostRuntime(
  { commandLine, options: config, uefiFault }: NextBoot,
  machine: MachineFacts,
): FirmwareLoss[] {
  // A kernel that ignores UEFI has a warning of its own.
  if (uefiFault !== undefined || !isBootedByUefi(machine)) return [];
  const disabling = findRuntimeDisabling({
    commandLine,
    ...(config === undefined ? {} : { kernel: { config } }),
  });
  const isFirmwares = machine.efi?.services?.length === 0 && findRuntimeDisabling(machine) === undefined;
  if (disabling === undefined && !isFirmwares) return [];
  const what =
    disabling === undefined
      ? 'the firmware has no EFI runtime services, so the next kernel has none either'
      : `the next kernel leaves EFI runtime services alone (${disabling})`;
  return [
    {
      check: 'efi-runtime',
      seen: `${what}: it reads no EFI variables, so certificates of db and MokListRT are no trusted keys of it`,
      cure: CURES[disabling ?? 'firmware'],
    },
  ];
}

const CURES = {
  noefi: 'remove noefi from the command line of the next kernel',
  'efi=noruntime': 'remove efi=noruntime from the command line of the next kernel',
  CONFIG_EFI_DISABLE_RUNTIME:
    'add efi=runtime to the command line of the next kernel, which overrules its configuration',
  firmware:
    'update the firmware if it should have variables; otherwise build the certificates into the kernel',
} as const;

/** The interrupt controller writes to the running kernel's tables; a crash kernel runs in memory that has none of them. */
function findLostTables({ type, uefiFault }: NextBoot, machine: MachineFacts): FirmwareLoss[] {
  if (type === 'crash' || hasIts(machine) !== true || switchesLpisOff(machine)) return [];
  if (uefiFault === undefined && isBootedByUefi(machine)) return [];
  const why =
    uefiFault === undefined
      ? 'without UEFI, nothing reserves them for the next kernel'
      : "the next kernel ignores UEFI's memory reserve table";
  return [
    {
      check: 'lpi-tables',
      seen:
        `the interrupt controller has an ITS, whose tables of LPIs it keeps writing to, and ${why}: its memory may be ` +
        'corrupted until it has switched LPIs off, if it can',
      cure:
        uefiFault?.cure ??
        'boot by UEFI (U-Boot: bootefi), or boot the running kernel with irqchip.gicv3_nolpi=1 if it only loads the next one',
    },
  ];
}
