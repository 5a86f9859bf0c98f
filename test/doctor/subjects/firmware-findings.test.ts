import { describe, expect, it } from 'vitest';
import { addNode, setProperty } from '../../../src/formats/fdt/edit.js';
import type { Fdt } from '../../../src/formats/fdt/tree.js';
import { encodeString } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { UEFI_PROPERTIES } from '../../../src/machine/uefi-properties.js';
import { buildAcpiFacts } from '../../support/acpi.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine, type TestFacts } from '../../support/machine.js';
import { buildUefiTree } from '../../support/uefi.js';

const machineWith = (tree: Fdt, facts: TestFacts = {}) =>
  buildMachine({ ...facts, arm64: { deviceTree: writeFdt(tree) } });

const uefiMachine = (facts: TestFacts = {}) => machineWith(buildUefiTree(), facts);

const listFirmware = (facts?: TestFacts) => listFacts('firmware', uefiMachine(facts));

describe('the firmware', () => {
  it('is named, with the machine', () => {
    const named = {
      systemVendor: 'WIWYNN',
      systemProduct: 'Mt. Jade',
      firmware: { vendor: 'Ampere', version: '2.10' },
      efi: { platformSize: 64 },
    } as const;
    expect(listFirmware(named)).toContain(
      'fine both: the firmware is UEFI of 64 bits, by Ampere 2.10, on WIWYNN Mt. Jade',
    );
    expect(listFirmware()).toContain('fine both: the firmware is UEFI');
  });

  it('is not named where nothing is known of it', () => {
    expect(listFacts('firmware', buildMachine())).toEqual([]);
    expect(listFacts('firmware', buildMachine({ firmware: { vendor: 'U-Boot' } }))).toEqual([
      'fine both: the firmware is not UEFI, by U-Boot',
    ]);
  });
});

it.each([
  [{ efiVariables: { SecureBoot: Uint8Array.of(6, 0, 0, 0, 1) } }, 'fine both: UEFI Secure Boot is on'],
  [{ efiVariables: { SecureBoot: Uint8Array.of(6, 0, 0, 0, 0) } }, 'fine both: UEFI Secure Boot is off'],
  [{}, 'unknown both: whether UEFI Secure Boot is on is not known'],
])('Secure Boot is on, off, or not known: %#', (facts, expected) => {
  expect(listFacts('firmware', machineWith(buildUefiTree({ mode: 1 }), facts))).toContain(expected);
});

describe('EFI runtime services', () => {
  const listRuntime = (services: ('variables' | 'time')[], commandLine = 'quiet') =>
    listFirmware({ efi: { services }, commandLine }).filter((fact) => fact.includes('runtime'));

  it('are in use, or not', () => {
    expect(listRuntime(['variables', 'time'])).toEqual([
      'fine both: EFI runtime services are in use (variables, time)',
    ]);
    expect(listRuntime([])).toEqual(['warns both: EFI runtime services are not in use']);
    expect(listFirmware({ efi: {} }).join()).not.toContain('runtime');
  });

  it.each([
    ['efi=noruntime', ' (efi=noruntime)'],
    ['efi=debug,noruntime', ' (efi=noruntime)'],
    ['efi=noruntime efi=runtime', ''],
    ['efi=runtime noefi', ' (noefi)'],
    ['noefi quiet', ' (noefi)'],
  ])('with %s', (commandLine, what) => {
    expect(listRuntime([], commandLine)).toEqual([`warns both: EFI runtime services are not in use${what}`]);
  });

  it('that the configuration disables can be enabled', () => {
    const kernel = { config: { EFI_DISABLE_RUNTIME: 'y' } };
    const [finding] = listFindings('firmware', uefiMachine({ efi: { services: [] }, kernel }));
    expect(finding?.fact).toContain('(CONFIG_EFI_DISABLE_RUNTIME)');
    expect(finding?.cure).toContain('efi=runtime');
  });

  it('that are missing cost certificates, not kexec', () => {
    const machine = uefiMachine({ efi: { services: [] }, commandLine: 'efi=noruntime' });
    const [finding] = listFindings('firmware', machine).filter(({ severity }) => severity === 'warns');
    expect(finding?.why).toContain('.platform keyring');
    expect(finding?.cure).toContain('remove efi=noruntime');
  });
});

describe('LPI tables', () => {
  const withIts = (its: number) => ({ acpi: { ...buildAcpiFacts({}), gic: { version: 3, its } } });
  const listTables = (facts: TestFacts) => listFirmware(facts).filter((fact) => fact.includes('LPIs'));

  it('are reserved by UEFI', () => {
    expect(listTables(withIts(1))).toEqual([
      "fine kexec: the tables of the interrupt controller's LPIs are reserved for the next kernel",
    ]);
    expect(listTables(withIts(0))).toEqual([]);
  });

  it('are lost without UEFI, unless the running kernel has none', () => {
    const tree = buildUefiTree({ lacks: [...UEFI_PROPERTIES], hasMemory: true });
    const node = addNode(tree.root, 'msi-controller@8080000');
    setProperty(tree, node, 'compatible', encodeString('arm,gic-v3-its'));
    const [lost] = listFacts('firmware', machineWith(tree));
    expect(lost).toMatch(/^warns kexec: the interrupt controller has an ITS, and without UEFI/);
    const commandLine = 'quiet irqchip.gicv3_nolpi=1';
    expect(listFacts('firmware', machineWith(tree, { commandLine }))).toEqual([]);
    setProperty(tree, node, 'status', encodeString('disabled'));
    expect(listFacts('firmware', machineWith(tree))).toEqual([]);
  });
});

it('watchdogs are counted', () => {
  const listWatchdogs = (watchdogs: number) =>
    listFirmware({ acpi: { ...buildAcpiFacts({}), watchdogs } }).join('\n');
  expect(listWatchdogs(1)).toContain('fine kdump: there is one generic watchdog');
  expect(listWatchdogs(2)).toContain('fine kdump: there are 2 generic watchdogs');
  expect(listWatchdogs(0)).not.toContain('watchdog');
});
