import { describe, expect, it } from 'vitest';
import { addNode, setProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import { encodeString } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import type { AcpiFacts } from '../../../src/machine/acpi-facts.js';
import { findPsciConduit } from '../../../src/machine/arm64/psci.js';
import { buildAcpiFacts } from '../../support/acpi.js';
import { buildMachine, buildSmallDeviceTree } from '../../support/machine.js';

/** A device tree whose /psci has this method. */
function treeWithMethod(method: string): Uint8Array {
  const fdt = parseFdt(buildSmallDeviceTree());
  setProperty(fdt, addNode(fdt.root, 'psci'), 'method', encodeString(method));
  return writeFdt(fdt);
}

const of = (cpuMethod: AcpiFacts['cpuMethod'], deviceTree = buildSmallDeviceTree()) =>
  findPsciConduit(
    buildMachine({
      acpi: buildAcpiFacts(cpuMethod === undefined ? {} : { cpuMethod }),
      arm64: { deviceTree },
    }),
  );

describe('findPsciConduit', () => {
  it('is that of the device tree, if it has PSCI', () => {
    expect(of('psci-hvc', treeWithMethod('smc'))).toBe('smc');
    expect(of('psci-hvc', treeWithMethod('other'))).toBeUndefined();
    expect(findPsciConduit(buildMachine({ arm64: { deviceTree: treeWithMethod('hvc') } }))).toBe('hvc');
  });

  it('is otherwise that of ACPI', () => {
    expect(of('psci-smc')).toBe('smc');
    expect(of('psci-hvc')).toBe('hvc');
    expect(of('parking-protocol')).toBeUndefined();
    expect(of('unknown')).toBeUndefined();
    expect(of(undefined)).toBeUndefined();
    expect(findPsciConduit(buildMachine())).toBeUndefined();
  });
});
