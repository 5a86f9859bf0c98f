import { getProperty } from '../../formats/fdt/edit.js';
import type { FdtNode } from '../../formats/fdt/tree.js';
import { readString } from '../../formats/fdt/values.js';
import { parseCommandLine } from '../../machine/command-line.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import { isBuiltIn, parseBootedTree } from '../intended-load.js';

const STUCK = 'machine_kexec_prepare(), cpus_are_stuck_in_kernel()';
const PSCI = 'psci';
const STOPS = { check: 'running-cpus', holds: false } as const;
const FINE = { check: 'running-cpus', holds: true } as const;

/**
 * Whether the other CPUs can be taken down. A kernel that starts in place of another needs them out of the way; a crash
 * kernel leaves them where the panic stopped them.
 */
export function diagnoseCpus(machine: Machine): Finding[] {
  return [...diagnoseProtectedKvm(machine), ...diagnoseMethods(machine)];
}

function diagnoseMethods(machine: Machine): Finding[] {
  const nodes = cpuNodes(machine);
  const possible = machine.possibleCpus ?? (nodes.length > 0 ? nodes.length : undefined);
  const methods = machine.arm64.enableMethods ?? enableMethods(nodes);
  const finding = { topic: 'cpus', about: 'kexec', source: `enable-method in /cpus; ${STUCK}` } as const;

  if (possible === 1) {
    return [
      {
        ...finding,
        severity: 'fine',
        fact: 'there is one CPU',
        why: 'no other has to be taken down',
        evidence: FINE,
      },
    ];
  }
  if (isBuiltIn(machine.kernel?.config, 'HOTPLUG_CPU') === false) {
    return [
      {
        ...finding,
        severity: 'stops',
        evidence: STOPS,
        fact: `the running kernel has no CONFIG_HOTPLUG_CPU, on ${possible ?? 'several'} CPUs`,
        why: 'it can take no CPU down, and refuses to load: EBUSY, "Resource busy"',
        cure: 'run a kernel with CONFIG_HOTPLUG_CPU=y, or boot this one with nr_cpus=1 before kexec',
        source: `the running kernel's configuration; ${STUCK}`,
      },
    ];
  }
  const others = methods.filter((method) => method !== PSCI);
  if (others.length > 0) {
    return [
      {
        ...finding,
        severity: 'stops',
        evidence: STOPS,
        fact: `CPUs are started by ${others.join(', ')}${methods.includes(PSCI) ? ', others by PSCI' : ''}`,
        why: 'there is no way to take them down but PSCI, and the kernel refuses to load: EBUSY, "Resource busy"',
        cure: 'boot with firmware that has PSCI (Trusted Firmware-A), or boot the running kernel with nr_cpus=1 before kexec',
      },
      {
        ...finding,
        severity: 'warns',
        about: 'kdump',
        fact: `CPUs are started by ${others.join(', ')}`,
        why: 'a crash kernel can be loaded, but cannot start the CPUs that the panic left behind',
        cure: 'give the crash kernel nr_cpus=1',
      },
    ];
  }
  if (methods.length === 0) {
    return [
      {
        ...finding,
        severity: 'unknown',
        evidence: { check: 'running-cpus' },
        fact: 'how CPUs are started is not known: the device tree does not tell',
        why: 'by PSCI they can be taken down; otherwise kexec is refused with EBUSY, "Resource busy"',
        cure: 'look for "psci:" in the kernel\'s log; on a machine with ACPI it is the FADT that tells',
      },
    ];
  }
  const fact = `CPUs are started and taken down by PSCI${possible === undefined ? '' : ` (there are ${possible})`}`;
  return [
    {
      ...finding,
      severity: 'fine',
      fact,
      why: 'kexec takes all but one down before it leaves',
      evidence: FINE,
    },
  ];
}

/** A hypervisor that guards itself against the kernel cannot be handed over. */
function diagnoseProtectedKvm({ commandLine }: Machine): Finding[] {
  const modes = parseCommandLine(commandLine ?? '').filter(({ name }) => name === 'kvm-arm.mode');
  if (modes.at(-1)?.text !== 'kvm-arm.mode=protected') return [];
  return [
    {
      topic: 'cpus',
      severity: 'stops',
      about: 'kexec',
      evidence: STOPS,
      fact: 'the running kernel has protected KVM (kvm-arm.mode=protected)',
      why: 'the hypervisor stays at EL2 and does not let the CPUs go: EBUSY, "Resource busy"',
      cure: 'boot without kvm-arm.mode=protected',
      source: `the command line; ${STUCK}`,
    },
  ];
}

function cpuNodes(machine: Machine): FdtNode[] {
  const cpus = parseBootedTree(machine)?.root.children.find(({ name }) => name === 'cpus');
  return cpus?.children.filter(({ name }) => /^cpu(@|$)/.test(name)) ?? [];
}

function enableMethods(nodes: readonly FdtNode[]): string[] {
  const methods = nodes.flatMap((node) => {
    const value = getProperty(node, 'enable-method');
    return value === undefined ? [] : [readString(value)];
  });
  return [...new Set(methods)];
}
