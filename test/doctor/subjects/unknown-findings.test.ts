import { describe, expect, it } from 'vitest';
import type { KernelFacts } from '../../../src/machine/machine-facts.js';
import { listFacts } from '../../support/doctor.js';
import { buildMachine } from '../../support/machine.js';

const UNKNOWN = [{ fact: 'kho-scratch-phys', reason: 'permission denied' }];
const SAID = 'unknown both: kho-scratch-phys could not be read: permission denied';

/** What doctor says of areas of Kexec Handover that a user could not read. */
function listHandover(kernel: KernelFacts, commandLine = ''): string[] {
  const machine = buildMachine({ kernel, commandLine, unknown: UNKNOWN });
  return listFacts('memory', machine).filter((fact) => /kho-scratch|Kexec Handover/.test(fact));
}

describe('areas of Kexec Handover that could not be read', () => {
  it('are reported if nothing says whether it is on', () => {
    expect(listHandover({})).toEqual([SAID]);
    expect(listHandover({ release: '7.3.4' })).toEqual([SAID]);
    // A distribution may have added it.
    expect(listHandover({ release: '6.12.0-55.9.1.el10_0.aarch64' })).toEqual([SAID]);
  });

  it('are not reported if release or configuration say that it is not there', () => {
    expect(listHandover({ release: '6.12.117' })).toEqual([]);
    expect(listHandover({ release: '7.3.4', config: { KEXEC_FILE: 'y' } })).toEqual([]);
  });

  it('are part of the finding on Kexec Handover if it was asked for', () => {
    const config = { KEXEC_FILE: 'y', KEXEC_HANDOVER: 'y' };
    expect(listHandover({ release: '7.3.4', config }, 'kho=on')).toEqual([
      'unknown kexec: Kexec Handover was asked for, but its scratch areas are unknown',
    ]);
  });
});
