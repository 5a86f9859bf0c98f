import { describe, expect, it } from 'vitest';
import type { AcpiFacts } from '../../../src/machine/acpi-facts.js';
import { buildAcpiFacts } from '../../support/acpi.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine } from '../../support/machine.js';

const facts = (
  { possible, enableMethods }: { possible?: number; enableMethods?: string[] },
  config?: Record<string, string>,
) =>
  listFacts(
    'cpus',
    buildMachine({
      ...(possible === undefined ? {} : { possibleCpus: possible }),
      arm64: enableMethods === undefined ? {} : { enableMethods },
      ...(config === undefined ? {} : { kernel: { config } }),
    }),
  );

describe('CPUs', () => {
  it('can be switched off by PSCI', () => {
    expect(facts({ possible: 4, enableMethods: ['psci'] })).toEqual([
      'fine kexec: CPUs are started and stopped by PSCI (there are 4)',
    ]);
  });

  it('need no method if there is only one', () => {
    expect(facts({ possible: 1 })).toEqual(['fine kexec: there is one CPU']);
  });

  it('of a spin table cannot be switched off: EBUSY', () => {
    const machine = buildMachine({ possibleCpus: 4, arm64: { enableMethods: ['spin-table'] } });
    const findings = listFindings('cpus', machine);
    expect(findings).toMatchObject([
      { severity: 'stops', about: 'kexec', fact: 'CPUs are started by spin-table' },
      { severity: 'warns', about: 'kdump', cure: 'give the crash kernel nr_cpus=1' },
    ]);
    expect(findings[0]?.why).toContain('"Resource busy"');
    expect(findings[0]?.cure).toContain('nr_cpus=1');
    expect(facts({ possible: 2, enableMethods: ['psci', 'spin-table'] })[0]).toBe(
      'stops kexec: CPUs are started by spin-table, others by PSCI',
    );
  });

  it('cannot be switched off without CONFIG_HOTPLUG_CPU', () => {
    expect(facts({ possible: 2, enableMethods: ['psci'] }, { KEXEC: 'y' })).toEqual([
      'stops kexec: the running kernel has no CONFIG_HOTPLUG_CPU, on 2 CPUs',
    ]);
    expect(facts({ possible: 2, enableMethods: ['psci'] }, { HOTPLUG_CPU: 'y' })[0]).toMatch(/^fine/);
    expect(facts({ possible: 1 }, { KEXEC: 'y' })[0]).toMatch(/^fine/);
  });
  it('have an unknown method if the device tree has none', () => {
    expect(facts({})).toEqual([
      'unknown kexec: how CPUs are started is not known: the device tree does not say',
    ]);
  });

  describe('on a machine with ACPI', () => {
    const list = (cpuMethod: AcpiFacts['cpuMethod']) =>
      listFindings(
        'cpus',
        buildMachine({
          possibleCpus: 80,
          acpi: buildAcpiFacts(cpuMethod === undefined ? {} : { cpuMethod }),
        }),
      );

    it.each([
      ['psci-smc', 'SMC'],
      ['psci-hvc', 'HVC'],
    ] as const)('can be switched off by PSCI: %s', (method, call) => {
      expect(list(method)).toMatchObject([
        {
          severity: 'fine',
          fact: `CPUs are started and stopped by PSCI, called by ${call} (there are 80)`,
          source: expect.stringContaining('FACP'),
        },
      ]);
    });

    it('of the parking protocol cannot be switched off: EBUSY', () => {
      expect(list('parking-protocol')).toMatchObject([
        { severity: 'stops', about: 'kexec', fact: 'CPUs are started by parking-protocol' },
        { severity: 'warns', about: 'kdump' },
      ]);
    });

    it('have an unknown method if a table is damaged, and the reason is named', () => {
      const unknown = [{ fact: 'acpi-FACP', reason: 'the sum of its bytes is 2, not 0' }];
      expect(listFacts('cpus', buildMachine({ possibleCpus: 2, acpi: buildAcpiFacts({}), unknown }))).toEqual(
        [
          expect.stringContaining('FACP and APIC were not read'),
          'unknown both: acpi-FACP could not be read: the sum of its bytes is 2, not 0',
        ],
      );
    });

    it('have an unknown method if the tables name none, or were not read', () => {
      expect(list('unknown')).toMatchObject([
        { severity: 'unknown', fact: expect.stringContaining('name neither PSCI nor the parking protocol') },
      ]);
      expect(list(undefined)).toMatchObject([
        { severity: 'unknown', fact: expect.stringContaining('FACP and APIC were not read') },
      ]);
    });
  });

  it('are kept by the hypervisor of protected KVM', () => {
    const cpus = { possibleCpus: 4, arm64: { enableMethods: ['psci'] } };
    const on = (commandLine: string) => listFacts('cpus', buildMachine({ ...cpus, commandLine }))[0];
    expect(on('quiet kvm-arm.mode=protected')).toMatch(/^stops kexec: .*protected KVM/);
    expect(on('kvm-arm.mode=protected kvm-arm.mode=nvhe')).toMatch(/^fine/);
  });
});
