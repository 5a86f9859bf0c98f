import { describe, expect, it } from 'vitest';
import { buildCrashMachine, CRASH_REGION } from '../../support/crash.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildImage } from '../../support/image.js';
import { buildMachine } from '../../support/machine.js';

describe('the load of a crash kernel', () => {
  it('is simulated', () => {
    const subject = { kernel: buildImage(), panic: true };
    const [finding] = listFindings('load', buildCrashMachine(), subject);
    expect(finding).toMatchObject({
      severity: 'fine',
      about: 'kdump',
      fact: expect.stringMatching(/^the crash kernel can be loaded: kernel at 0x60000000, /),
    });
    const initrd = new Uint8Array(2 ** 28);
    const [refused] = listFindings('load', buildCrashMachine(), { ...subject, initrd });
    expect(refused).toMatchObject({
      severity: 'stops',
      about: 'kdump',
      fact: expect.stringContaining('EADDRNOTAVAIL (segment-hole): no hole for initrd'),
      cure: expect.stringContaining('crashkernel='),
    });
  });

  it('has no finding for what another subject reports', () => {
    expect(listFacts('load', buildMachine(), { kernel: buildImage(), panic: true })).toEqual([]);
    const machine = buildMachine({ reserved: [CRASH_REGION], crashRegion: { high: CRASH_REGION } });
    expect(listFacts('load', machine, { kernel: buildImage(), panic: true })).toEqual([]);
  });
});
