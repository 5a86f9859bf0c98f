import { expect, it } from 'vitest';
import { setProperty } from '../../../src/formats/fdt/edit.js';
import { encodeString } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { listFacts } from '../../support/doctor.js';
import { buildMachine, type TestFacts } from '../../support/machine.js';
import { buildUefiTree } from '../../support/uefi.js';

const listWarnings = (facts: TestFacts): string[] =>
  listFacts('firmware', buildMachine(facts)).filter((fact) => fact.startsWith('warns kexec: this is'));

it.each<[TestFacts, RegExp]>([
  [{ systemVendor: 'Microsoft Corporation', systemProduct: 'Virtual Machine' }, /Hyper-V or Azure/],
  [{ systemVendor: 'Xen', systemProduct: 'HVM domU' }, /of Xen/],
  [{ systemVendor: 'VMware, Inc.', systemProduct: 'VMware20,1' }, /VMware for arm64/],
  [{ systemVendor: 'Raspberry Pi Ltd', systemProduct: 'Raspberry Pi 4 Model B' }, /Raspberry Pi 4/],
])('warns where kexec was reported to fail: %#', (facts, expected) => {
  expect(listWarnings(facts)).toEqual([expect.stringMatching(expected)]);
});

it('knows a board by its device tree', () => {
  const tree = buildUefiTree();
  setProperty(tree, tree.root, 'compatible', encodeString('raspberrypi,4-model-b'));
  expect(listWarnings({ arm64: { deviceTree: writeFdt(tree) } })).toHaveLength(1);
});

it.each<TestFacts>([
  {},
  { systemVendor: 'Microsoft Corporation', systemProduct: 'Surface' },
  { systemVendor: 'QEMU', systemProduct: 'KVM Virtual Machine' },
])('does not warn of others: %#', (facts) => {
  expect(listWarnings(facts)).toEqual([]);
});
