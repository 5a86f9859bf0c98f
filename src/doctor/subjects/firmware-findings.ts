import { isBootedByUefi } from '../../machine/booted-by-uefi.js';
import { findRuntimeDisabling } from '../../machine/efi-runtime.js';
import { readSecureBoot } from '../../machine/efi-variables.js';
import { hasIts, switchesLpisOff } from '../../machine/gic.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';

const FIRMWARE = { topic: 'firmware', about: 'both' } as const;

/** Finds what the firmware is, and what a kexec or a crash does to what it and the kernel share. */
export function diagnoseFirmware(machine: Machine): Finding[] {
  return [
    ...nameFirmware(machine),
    ...diagnoseSecureBoot(machine),
    ...diagnoseRuntime(machine),
    ...diagnoseInterruptTables(machine),
    ...diagnoseWatchdogs(machine),
  ];
}

function nameFirmware(machine: Machine): Finding[] {
  const { systemVendor, systemProduct, firmware = {}, efi } = machine;
  const hasUefi = isBootedByUefi(machine);
  if (!hasUefi && firmware.vendor === undefined) return [];
  const width = efi?.platformSize === undefined ? '' : ` of ${efi.platformSize} bits`;
  const maker = joinNames(firmware.vendor, firmware.version);
  const board = joinNames(systemVendor, systemProduct);
  const fact =
    (hasUefi ? `the firmware is UEFI${width}` : 'the firmware is not UEFI') +
    (maker === '' ? '' : `, by ${maker}`) +
    (board === '' ? '' : `, on ${board}`);
  return [
    {
      ...FIRMWARE,
      severity: 'fine',
      fact,
      why: hasUefi
        ? 'the next kernel uses the same tables and memory map, which the running one hands on; firmware does not run again'
        : 'firmware does not run again: the next kernel finds devices as the running one leaves them',
      source: '/sys/firmware/efi/fw_platform_size, /sys/class/dmi/id; efi_init()',
    },
  ];
}

/** Some vendors begin the product's name with their own. */
function joinNames(vendor = '', name = ''): string {
  return name.startsWith(vendor) ? name : `${vendor} ${name}`.trim();
}

function diagnoseSecureBoot(machine: Machine): Finding[] {
  if (!isBootedByUefi(machine)) return [];
  const isOn = readSecureBoot(machine);
  const finding = {
    ...FIRMWARE,
    source:
      'SecureBoot and SetupMode in efivarfs, linux,uefi-secure-boot in /chosen, boot_params; efi_get_secureboot_mode()',
  } as const;
  if (isOn === undefined) {
    return [
      {
        ...finding,
        severity: 'unknown',
        fact: 'whether UEFI Secure Boot is on is not known',
        why: 'with it, kernels of distributions lock themselves down, and IMA may ask for signatures',
        cure: 'mount efivarfs (mount -t efivarfs none /sys/firmware/efi/efivars), and record the machine again, as root',
      },
    ];
  }
  return [
    {
      ...finding,
      severity: 'fine',
      fact: `UEFI Secure Boot is ${isOn ? 'on' : 'off'}`,
      why: isOn
        ? 'kernels of distributions lock themselves down: only kexec_file_load with a valid signature loads a kernel'
        : 'it asks for no signatures; lockdown, IMA and the kernel itself still may',
    },
  ];
}

/** Without runtime services, the kernel finds ACPI all the same: the system table leads to it, no service is called. */
function diagnoseRuntime(machine: Machine): Finding[] {
  const services = machine.efi?.services;
  if (services === undefined) return [];
  const finding = { ...FIRMWARE, source: RUNTIME_SOURCE, evidence: { check: 'efi-runtime' } } as const;
  if (services.length > 0) {
    return [
      {
        ...finding,
        severity: 'fine',
        fact: `EFI runtime services are in use (${services.join(', ')})`,
        why: 'the next kernel gets their addresses with the memory map, and uses them as well',
      },
    ];
  }
  const disabling = findRuntimeDisabling(machine);
  return [
    {
      ...finding,
      severity: 'warns',
      fact: `EFI runtime services are not in use${disabling === undefined ? '' : ` (${disabling})`}`,
      why:
        'the kernel reads no EFI variables: db and MokListRT add no certificates to the .platform keyring, so that kernels signed ' +
        'by them are not trusted; it resets the machine without them. Memory, ACPI and kexec do not need them',
      cure: DISABLING_CURES[disabling ?? 'firmware'],
    },
  ];
}

const DISABLING_CURES = {
  noefi: 'remove noefi from the command line, also from that of the next kernel',
  'efi=noruntime': 'remove efi=noruntime from the command line, also from that of the next kernel',
  CONFIG_EFI_DISABLE_RUNTIME: 'boot with efi=runtime, which overrules the configuration',
  firmware:
    'update the firmware if it should have variables; otherwise only certificates that are built into the kernel count',
} as const;

const RUNTIME_SOURCE =
  'the devices efivars.0 and rtc-efi.0; efisubsys_init(), load_uefi_certs(), machine_restart()';

/**
 * The interrupt controller keeps writing to the tables of its LPIs, which software cannot switch off everywhere. The
 * kernel reserves them for the next one in a table of UEFI, which the EFI stub installs; runtime services play no part.
 */
function diagnoseInterruptTables(machine: Machine): Finding[] {
  if (hasIts(machine) !== true) return [];
  const finding = {
    topic: 'firmware',
    about: 'kexec',
    source: LPI_SOURCE,
    evidence: { check: 'lpi-tables' },
  } as const;
  if (isBootedByUefi(machine)) {
    return [
      {
        ...finding,
        severity: 'fine',
        fact: "the tables of the interrupt controller's LPIs are reserved for the next kernel",
        why: "the running kernel names them in UEFI's memory reserve table, and the next one resumes with them",
      },
    ];
  }
  if (switchesLpisOff(machine)) return [];
  return [
    {
      ...finding,
      severity: 'warns',
      fact: 'the interrupt controller has an ITS, and without UEFI nothing reserves the tables of its LPIs for the next kernel',
      why: 'it may write to them until the next kernel has switched LPIs off, if it can: "Booted with LPIs enabled, memory probably corrupted"',
      cure: 'boot by UEFI (U-Boot: bootefi), or boot the running kernel with irqchip.gicv3_nolpi=1 if it only loads the next one',
    },
  ];
}

const LPI_SOURCE =
  'APIC of ACPI, arm,gic-v3-its in the device tree; gic_reserve_range(), efi_mem_reserve_persistent(), redist_disable_lpis()';

/** The driver stops a watchdog when the machine restarts, which a kexec counts as and a crash does not. */
function diagnoseWatchdogs({ acpi }: Machine): Finding[] {
  const { watchdogs = 0 } = acpi ?? {};
  if (watchdogs === 0) return [];
  return [
    {
      topic: 'firmware',
      about: 'kdump',
      severity: 'fine',
      fact: `there ${watchdogs === 1 ? 'is one generic watchdog' : `are ${watchdogs} generic watchdogs`}`,
      why:
        'a kexec stops one that runs, a crash does not: the capture kernel needs sbsa_gwdt (CONFIG_ARM_SBSA_WATCHDOG) to serve ' +
        'it, or it resets the machine while the dump is saved',
      source: 'GTDT of ACPI; sbsa_gwdt_probe(), watchdog_stop_on_reboot()',
    },
  ];
}
