import { attempt, KexecError } from '../../base/error.js';
import type { CpuStart } from '../../machine/architecture.js';
import { findMachineArchitecture } from '../../machine/architectures.js';
import { findParameterValues } from '../../machine/command-line.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';

const STUCK = 'machine_kexec_prepare(), cpus_are_stuck_in_kernel()';
const PSCI = 'psci';
const STOPS = { check: 'running-cpus', holds: false } as const;
const FINE = { check: 'running-cpus', holds: true } as const;

const FRAME = { topic: 'cpus', about: 'kexec', source: `enable-method in /cpus; ${STUCK}` } as const;

/**
 * Finds whether all other CPUs can be switched off. kexec must do so before the next kernel starts. kdump leaves them
 * where the panic stopped them.
 */
export function diagnoseCpus(machine: Machine): Finding[] {
  return [...diagnoseProtectedKvm(machine), ...diagnoseCount(machine)];
}

function diagnoseCount(machine: Machine): Finding[] {
  const { possibleCpus: possible, methods } = readCpuStart(machine);
  if (possible === 1) {
    const why = 'there is no other CPU to switch off';
    return [{ ...FRAME, severity: 'fine', fact: 'there is one CPU', why, evidence: FINE }];
  }
  if (isBuiltIn(machine.kernel?.config, 'HOTPLUG_CPU') === false) return [buildNoHotplugFinding(possible)];
  return diagnoseMethods(methods, possible);
}

/** A malformed device tree, which says nothing of CPUs, is a finding of the subject `memory`. */
function readCpuStart(machine: Machine): CpuStart {
  const start = attempt(() => findMachineArchitecture(machine).readCpuStart(machine));
  return start instanceof KexecError ? { possibleCpus: machine.possibleCpus, methods: [] } : start;
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
function diagnoseMethods(methods: readonly string[], possible: number | undefined): Finding[] {
  const others = methods.filter((method) => method !== PSCI);
  if (others.length > 0) return buildStuckFindings(others.join(', '), methods.includes(PSCI));
  if (methods.length === 0) {
    return [
      {
        ...FRAME,
        severity: 'unknown',
        evidence: { check: 'running-cpus' },
        fact: 'how CPUs are started is not known: the device tree does not say',
        why: 'PSCI can switch CPUs off; without PSCI, kexec fails with EBUSY, "Resource busy"',
        cure: 'search the kernel\'s log for "psci:"; on a machine with ACPI, the FADT says whether there is PSCI',
      },
    ];
  }
  const count = possible === undefined ? '' : ` (there are ${possible})`;
  return [
    {
      ...FRAME,
      severity: 'fine',
      fact: `CPUs are started and stopped by PSCI${count}`,
      why: 'kexec switches off all CPUs but one before it enters the next kernel',
      evidence: FINE,
    },
  ];
}

function buildStuckFindings(others: string, hasPsci: boolean): Finding[] {
  return [
    {
      ...FRAME,
      severity: 'stops',
      evidence: STOPS,
      fact: `CPUs are started by ${others}${hasPsci ? ', others by PSCI' : ''}`,
      why: 'only PSCI can switch CPUs off, so that the kernel refuses the load: EBUSY, "Resource busy"',
      cure: 'boot with firmware that has PSCI (Trusted Firmware-A), or boot the running kernel with nr_cpus=1 before kexec',
    },
    {
      ...FRAME,
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
