import { attempt, KexecError } from '../../base/error.js';
import type { AcpiFacts } from '../../machine/acpi-facts.js';
import type { CpuStart } from '../../machine/architecture.js';
import { findMachineArchitecture } from '../../machine/architectures.js';
import { findParameterValues } from '../../machine/command-line.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding, FindingFrame } from '../finding.js';

const STUCK = 'machine_kexec_prepare(), cpus_are_stuck_in_kernel()';
const PSCI = 'psci';

/** How PSCI is called, by ACPI's methods of starting CPUs. */
const CALLS: Partial<Record<NonNullable<AcpiFacts['cpuMethod']>, string>> = {
  'psci-smc': 'SMC',
  'psci-hvc': 'HVC',
};

const STOPS = { check: 'running-cpus', holds: false } as const;
const FINE = { check: 'running-cpus', holds: true } as const;

const FRAME = { topic: 'cpus', about: 'kexec', source: `enable-method in /cpus; ${STUCK}` } as const;
/** A kernel that uses ACPI ignores the device tree's CPUs. */
const ACPI_FRAME = { ...FRAME, source: `the ACPI tables FACP and APIC; ${STUCK}` } as const;

/**
 * Finds whether all other CPUs can be switched off. kexec must do so before the next kernel starts. kdump leaves them
 * where the panic stopped them.
 */
export function diagnoseCpus(machine: Machine): Finding[] {
  return [...diagnoseProtectedKvm(machine), ...diagnoseCount(machine)];
}

function diagnoseCount(machine: Machine): Finding[] {
  const { possibleCpus: possible, methods, needsFirmware } = readCpuStart(machine);
  if (!needsFirmware) return [];
  if (possible === 1) {
    const why = 'there is no other CPU to switch off';
    return [{ ...FRAME, severity: 'fine', fact: 'there is one CPU', why, evidence: FINE }];
  }
  if (isBuiltIn(machine.kernel?.config, 'HOTPLUG_CPU') === false) return [buildNoHotplugFinding(possible)];
  return diagnoseMethods(methods, possible, machine.acpi);
}

/** A malformed device tree, which says nothing of CPUs, is a finding of the subject `device-tree`. */
function readCpuStart(machine: Machine): CpuStart {
  const start = attempt(() => findMachineArchitecture(machine).readCpuStart(machine));
  return start instanceof KexecError
    ? { possibleCpus: machine.possibleCpus, methods: [], needsFirmware: true }
    : start;
}

function buildNoHotplugFinding(possible: number | undefined): Finding {
  return {
    ...FRAME,
    severity: 'stops',
    evidence: STOPS,
    fact: `the running kernel has no CONFIG_HOTPLUG_CPU, on ${possible ?? 'several'} CPUs`,
    why: 'it cannot switch off a CPU, and refuses the load: EBUSY, "Resource busy"',
    cure: 'run a kernel with CONFIG_HOTPLUG_CPU=y, or boot this one with nr_cpus=1 before kexec',
    source: `the running kernel's configuration; ${STUCK}`,
  };
}

/** How CPUs are started decides whether they can be switched off. */
function diagnoseMethods(
  methods: readonly string[],
  possible: number | undefined,
  acpi: AcpiFacts | undefined,
): Finding[] {
  const frame = acpi === undefined ? FRAME : ACPI_FRAME;
  const others = methods.filter((method) => method !== PSCI);
  if (others.length > 0) return buildStuckFindings(others.join(', '), methods.includes(PSCI), frame);
  if (methods.length === 0) return [buildUnknownFinding(acpi)];
  const call = CALLS[acpi?.cpuMethod ?? 'unknown'];
  const count = possible === undefined ? '' : ` (there are ${possible})`;
  return [
    {
      ...frame,
      severity: 'fine',
      fact: `CPUs are started and stopped by PSCI${call === undefined ? '' : `, called by ${call}`}${count}`,
      why: 'kexec switches off all CPUs but one before it enters the next kernel',
      evidence: FINE,
    },
  ];
}

function buildUnknownFinding(acpi: AcpiFacts | undefined): Finding {
  const finding = {
    severity: 'unknown',
    evidence: { check: 'running-cpus' },
    why: 'PSCI can switch CPUs off; without PSCI, kexec fails with EBUSY, "Resource busy"',
  } as const;
  if (acpi === undefined) {
    return {
      ...FRAME,
      ...finding,
      fact: 'how CPUs are started is not known: the device tree does not say',
      cure: 'search the kernel\'s log for "psci:"; on a machine with ACPI, record it again, as root',
    };
  }
  if (acpi.cpuMethod === undefined) {
    return {
      ...ACPI_FRAME,
      ...finding,
      fact: 'how CPUs are started is not known: the ACPI tables FACP and APIC were not read',
      cure: 'record the machine again, as root; the unknown facts of the machine name damaged tables',
    };
  }
  return {
    ...ACPI_FRAME,
    ...finding,
    fact: 'how CPUs are started is not known: the ACPI tables name neither PSCI nor the parking protocol',
    cure: 'search the kernel\'s log for "psci:"; update the firmware if it has PSCI and its FADT does not say so',
  };
}

function buildStuckFindings(others: string, hasPsci: boolean, frame: FindingFrame): Finding[] {
  return [
    {
      ...frame,
      severity: 'stops',
      evidence: STOPS,
      fact: `CPUs are started by ${others}${hasPsci ? ', others by PSCI' : ''}`,
      why: 'only PSCI can switch CPUs off, so that the kernel refuses the load: EBUSY, "Resource busy"',
      cure: 'boot with firmware that has PSCI (Trusted Firmware-A), or boot the running kernel with nr_cpus=1 before kexec',
    },
    {
      ...frame,
      severity: 'warns',
      about: 'kdump',
      fact: `CPUs are started by ${others}`,
      why: 'a crash kernel can be loaded, but cannot start the CPUs that the panic stopped',
      cure: 'give the crash kernel nr_cpus=1',
    },
  ];
}

/** The hypervisor of protected KVM cannot be replaced by the next kernel's. */
function diagnoseProtectedKvm({ commandLine }: Machine): Finding[] {
  if (findParameterValues(commandLine ?? '', 'kvm-arm.mode').at(-1) !== 'protected') return [];
  return [
    {
      topic: 'cpus',
      severity: 'stops',
      about: 'kexec',
      evidence: STOPS,
      fact: 'the running kernel has protected KVM (kvm-arm.mode=protected)',
      why: 'the hypervisor stays at EL2 and keeps the CPUs: EBUSY, "Resource busy"',
      cure: 'boot without kvm-arm.mode=protected',
      source: `the command line; ${STUCK}`,
    },
  ];
}
