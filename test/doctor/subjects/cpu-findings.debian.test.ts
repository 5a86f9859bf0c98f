import { describe, expect, it } from 'vitest';
import { listFacts } from '../../support/doctor.js';
import { compileDts } from '../../support/dts.js';
import { buildMachine } from '../../support/machine.js';

describe('CPUs', () => {
  it('are counted in the device tree if the machine value lacks their number', () => {
    const deviceTree = compileDts(`/dts-v1/;
      / {
        cpus {
          #address-cells = <1>;
          #size-cells = <0>;
          cpu-map { };
          cpu@0 { device_type = "cpu"; reg = <0>; enable-method = "spin-table"; };
          cpu@1 { device_type = "cpu"; reg = <1>; enable-method = "spin-table"; };
        };
      };`);
    expect(listFacts('cpus', buildMachine({ arm64: { deviceTree } }))[0]).toBe(
      'stops kexec: CPUs are started by spin-table',
    );
  });
});
