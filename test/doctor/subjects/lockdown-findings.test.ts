import { describe, expect, it } from 'vitest';
import type { Arm64Machine } from '../../../src/machine/arm64/arm64-machine.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine } from '../../support/machine.js';

const SECURE_BOOT = { SecureBoot: Uint8Array.of(6, 0, 0, 0, 1) };
const locked = (facts: Partial<Arm64Machine> = {}) => buildMachine({ lockdown: 'integrity', ...facts });

describe('lockdown', () => {
  it('is reported as off, and not reported if unknown', () => {
    expect(listFacts('lockdown', buildMachine({ lockdown: 'none' }))).toEqual([
      'fine both: the kernel is not locked down',
    ]);
    expect(listFacts('lockdown', buildMachine())).toEqual([]);
  });

  it('stops a kernel that has only kexec_load', () => {
    const machine = locked({ kernel: { config: { KEXEC: 'y', LOCK_DOWN_IN_EFI_SECURE_BOOT: 'y' } } });
    const [finding, ...others] = listFindings('lockdown', machine);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'stops',
      about: 'both',
      fact: 'the kernel is locked down (integrity), and has no kexec_file_load(2)',
      cure: expect.stringContaining('start the next kernel through the firmware'),
    });
  });

  it('depends on the symbol of kexec_file_load if the configuration is unknown', () => {
    const withoutFile = { live: { hasKexecFileLoad: false } };
    expect(listFacts('lockdown', locked(), withoutFile)[0]).toContain('has no kexec_file_load(2)');
    expect(listFacts('lockdown', locked())[0]).toMatch(/^stops both: .* is not known$/);
  });

  it('allows kexec_file_load with signed kernels', () => {
    const kernel = { config: { KEXEC_FILE: 'y' } };
    const [checked] = listFindings('lockdown', locked({ kernel, kexecSignature: 'checked' }));
    expect(checked).toMatchObject({
      severity: 'warns',
      why: expect.stringContaining('loads only kernels that are signed'),
    });
    const [unchecked] = listFindings('lockdown', locked({ kernel, kexecSignature: 'none' }));
    expect(unchecked?.why).toContain('this kernel checks no signatures');
  });

  it('has a cure that fits its cause', () => {
    const [finding] = listFindings('lockdown', locked({ commandLine: 'quiet lockdown=integrity' }));
    expect(finding?.cure).toContain('lockdown= is on the command line');
    const config = { KEXEC: 'y', LOCK_DOWN_IN_EFI_SECURE_BOOT: 'y' };
    const [secure] = listFindings('lockdown', locked({ kernel: { config }, efiVariables: SECURE_BOOT }));
    expect(secure?.cure).toContain("switch Secure Boot off in the firmware's settings");
    const [other] = listFindings('lockdown', locked({ commandLine: 'quiet nolockdown=1' }));
    expect(other?.cure).toContain('Kernel is locked down from');
  });
});
