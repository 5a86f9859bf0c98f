import type { CauseTable } from './cause.js';

const FIRMWARE =
  'boot the first kernel by UEFI: only then does Linux hand the places of these tables on to the next kernel';

/**
 * What the next kernel says of the hardware that it takes over: drivers/irqchip/irq-gic-v3*.c, arch/arm64/kernel/smp.c
 * and psci.c, drivers/firmware/psci, drivers/iommu/arm.
 */
export const HARDWARE_CAUSES = {
  'lpis-enabled': {
    check: 'next-interrupts',
    severity: 'warns',
    meaning:
      'the redistributor of a CPU still delivered LPIs when the kernel started, and writes their pending bits into memory that ' +
      'this kernel takes for its own: memory may be corrupted',
    cure: `${FIRMWARE} (reserved in its EFI memory map); without UEFI, do not kexec on this machine: reboot through firmware`,
    lines: ['Booted with LPIs enabled, memory probably corrupted'],
  },
  'lpis-not-disabled': {
    check: 'next-interrupts',
    severity: 'stops',
    meaning:
      'the redistributor of a CPU does not switch its LPIs off, which the GIC architecture permits: this CPU gets no message ' +
      'interrupts (MSI), and devices on PCIe may not work',
    cure: `${FIRMWARE}, which then uses them as they are; without UEFI, reboot through firmware instead of kexec`,
    lines: ['Failed to disable LPIs', 'Timeout while disabling LPIs'],
  },
  'lpi-tables-unreserved': {
    check: 'next-interrupts',
    severity: 'warns',
    meaning: 'the tables of the interrupt controller lie in memory that is not reserved for them',
    cure: `${FIRMWARE}; kexec-file doctor --machine shows the reservations`,
    lines: ['Expected reserved range ['],
  },
  'its-not-quiet': {
    check: 'next-interrupts',
    severity: 'stops',
    meaning:
      'an ITS, which translates message interrupts, does not stop or does not answer: devices get no MSI',
    cure:
      'update the firmware; unbind devices that send interrupts before kexec; for a crash kernel, a dump target without MSI ' +
      '(pci=nomsi on its command line) still works',
    lines: [
      ['ITS@', 'failed to quiesce'],
      ['ITS@', 'Failed to quiesce, giving up'],
      'ITS queue timeout',
      'ITS queue not draining',
    ],
  },
  'no-its': {
    check: 'next-interrupts',
    severity: 'warns',
    meaning: 'the kernel has no ITS or no memory for its tables: devices get no message interrupts (MSI)',
    cure: 'reserve more memory for a crash kernel; otherwise nothing to do if the dump target needs no MSI',
    lines: [
      'ITS: No ITS available, not enabling LPIs',
      'Failed to allocate PENDBASE',
      'Failed to allocate PROPBASE',
      ['ITS@', ': Unable to map ITS registers'],
      ['ITS@', ': No ITS detected, giving up'],
      ['ITS@', ': failed probing ('],
      ['ITS@', "doesn't stick: "],
    ],
  },
  'gic-not-found': {
    check: 'next-interrupts',
    severity: 'stops',
    meaning: 'the kernel finds no interrupt controller, or no part of it for a CPU',
    cure:
      'load with the device tree of the running kernel (leave --dtb out); a redistributor that is powered down with its CPU ' +
      'needs other firmware, or a CPU that is online when the kernel crashes',
    lines: [
      'No redistributor present @',
      'No distributor detected at @',
      'Unable to map GICD registers',
      'unable to map gic dist registers',
      "Couldn't map GICR region @",
      'Unable to map GICC registers',
      'no distributor detected, giving up',
      'redistributor is inaccessible',
      'unable to set SRE (disabled at EL2), panic ahead',
    ],
  },
  'gic-timeout': {
    check: 'next-interrupts',
    severity: 'warns',
    meaning: 'a part of the interrupt controller does not answer in time',
    cure: 'update the firmware; if the machine hangs afterwards, reboot through firmware instead of kexec',
    lines: ['RWP timeout, gone fishing', 'GICv3: redistributor failed to '],
  },
  'cpu-not-online': {
    check: 'next-cpus',
    severity: 'warns',
    meaning:
      'the firmware said that it started a CPU, but the CPU did not report in time: it runs on without it',
    cure:
      'update the firmware (PSCI CPU_OFF and CPU_ON); a crash kernel needs one CPU only: nr_cpus=1 on its command line avoids ' +
      'the wait of 5 seconds for each',
    lines: [': failed to come online', ': died during early boot'],
  },
  'cpu-not-started': {
    check: 'next-cpus',
    severity: 'warns',
    meaning:
      'the firmware refused to start a CPU: often it is still on, because the leaving kernel could not switch it off',
    cure:
      '-22: the firmware reports it as already on, or does not know it: update the firmware, and take CPUs offline before ' +
      'kexec; for a crash kernel, nr_cpus=1 on its command line',
    lines: ['psci: failed to boot CPU', ': failed to boot: '],
  },
  'cpu-not-off': {
    check: 'next-cpus',
    severity: 'warns',
    meaning: 'a CPU that should switch itself off may still run code of the leaving kernel',
    cure: 'update the firmware (PSCI CPU_OFF, AFFINITY_INFO); until then, boot the first kernel with nr_cpus=1 before kexec',
    lines: [' may not have shut down cleanly', "cpu didn't die", 'failed to report dead state'],
  },
  'cpu-stuck': {
    check: 'running-cpus',
    severity: 'warns',
    meaning:
      'a CPU stays in the kernel, and cannot be switched off: from now on, this kernel refuses every kexec with EBUSY',
    cure:
      'boot with firmware that starts every CPU in the same way, or leave this CPU out with nr_cpus= on the command line of ' +
      'the kernel that will call kexec',
    parameter: 'nr_cpus=N',
    lines: [': is stuck in kernel', ': failed in unknown state : ', ': will not boot'],
  },
  'cpu-unsupported': {
    check: 'next-cpus',
    severity: 'stops',
    meaning:
      'a CPU lacks what this kernel needs: its page size, 52-bit addresses, or a feature that the others have',
    cure: 'use a kernel with pages of 4 KiB and 48-bit addresses, or leave the CPU out with nr_cpus=1',
    lines: [
      [': does not support ', 'K granule'],
      ': does not support 52-bit VAs',
      'detected unsupported configuration',
      'CPUs started in inconsistent modes',
    ],
  },
  'cpu-features': {
    check: 'running-cpus',
    severity: 'warns',
    meaning:
      'a CPU lacks a feature that the kernel already uses on the others, so it is parked, and may count as stuck',
    cure: 'leave it out with nr_cpus= or maxcpus= on the command line, or switch the feature off (arm64.nosve, arm64.nosme, …)',
    parameter: 'nr_cpus=N',
    lines: [
      ': Detected conflict for capability ',
      ': missing HWCAP: ',
      'vector length support mismatch',
      ': VMID width mismatch',
      ': IPA range mismatch',
    ],
  },
  'cpu-count': {
    check: 'next-cpus',
    severity: 'harmless',
    meaning:
      'the machine has more CPUs than the kernel is built for, or than nr_cpus= allows; the others stay off',
    cure: 'nothing to do; for information',
    lines: [['Number of cores (', ') exceeds configured maximum of ']],
  },
  'no-psci': {
    check: 'next-cpus',
    severity: 'warns',
    meaning: 'the kernel has no way to start a CPU: the device tree or the firmware lacks PSCI',
    cure: 'load with the device tree of the running kernel (leave --dtb out); a crash kernel needs one CPU only: nr_cpus=1',
    lines: [
      'no cpu_on method, not booting CPU',
      'missing or invalid cpu-release-addr property',
      ': missing enable-method property',
      'Unsupported enable-method: ',
      'Unsupported ACPI enable-method',
      'missing boot CPU MPIDR, not enabling secondaries',
      'Failed to find device node for boot cpu',
      ['psci: missing ', 'property'],
      ['psci: invalid ', 'property'],
      'Conflicting PSCI version detected',
    ],
  },
  'smmu-enabled': {
    check: 'next-devices',
    severity: 'harmless',
    meaning: 'the leaving kernel did not switch the SMMU off; this one resets it',
    cure: 'nothing to do; in a crash kernel that is always so',
    lines: ['SMMU currently enabled! Resetting'],
  },
  'smmu-stuck': {
    check: 'next-devices',
    severity: 'stops',
    meaning: 'the SMMU does not take its new settings: devices behind it do not work',
    cure: 'update the firmware; for a crash kernel, arm-smmu-v3.disable_bypass=0 lets devices work without it',
    lines: ['GBPA not responding to update'],
  },
  'smmu-fault': {
    check: 'next-devices',
    severity: 'warns',
    meaning:
      'a device reads or writes memory that it may not: after kexec, one that still runs for the leaving kernel',
    cure:
      'harmless if it stops once the driver has reset the device; otherwise unload its driver before kexec, and boot the crash ' +
      'kernel with reset_devices',
    lines: [
      ['Unhandled context fault: ', 'iova='],
      ['event 0x', ' received:'],
    ],
  },
  'irq-unhandled': {
    check: 'next-devices',
    severity: 'warns',
    meaning:
      'a device that still runs for the crashed kernel sends interrupts, and no driver takes them: the line is switched off',
    cure: 'put the driver of the device into the kdump initrd, or boot the crash kernel with irqpoll and reset_devices',
    lines: ['nobody cared (try booting with the "irqpoll" option)'],
    isOfCrashKernel: true,
  },
  'bus-error': {
    check: 'next-devices',
    severity: 'stops',
    meaning:
      'the hardware reports an error: often a device, or a driver that uses one which the crash left in an odd state',
    cure:
      'leave the driver that the call trace names out of the crash kernel (modprobe.blacklist=, rd.driver.blacklist=, or a kdump ' +
      'initrd without it); if there is none, update the firmware',
    lines: ['SError Interrupt on CPU', 'synchronous external abort'],
    isOfCrashKernel: true,
  },
} as const satisfies CauseTable;
