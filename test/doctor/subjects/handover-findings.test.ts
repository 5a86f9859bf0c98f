import { describe, expect, it } from 'vitest';
import { listFacts } from '../../support/doctor.js';
import { buildMachine, GIB, MIB, type TestFacts } from '../../support/machine.js';

const CONFIG = { KEXEC_FILE: 'y', KEXEC_HANDOVER: 'y', LIVEUPDATE: 'y', DMA_CMA: 'y' };
const HANDOVER = {
  scratch: [
    { start: GIB, end: GIB + 16n * MIB },
    { start: GIB + 64n * MIB, end: GIB + 192n * MIB },
  ],
};

function facts(given: TestFacts): string {
  return listFacts('memory', buildMachine(given)).join('\n');
}

describe('the findings about Kexec Handover', () => {
  it('name its scratch areas if it is on', () => {
    expect(facts({ handover: HANDOVER })).toMatch(/^fine kexec: Kexec Handover is on.* 16 MiB.*, 128 MiB/m);
  });

  it('say that the areas are unknown if it was only asked for, and that it is off', () => {
    const kernel = { config: CONFIG };
    expect(facts({ kernel, commandLine: 'kho=on' })).toMatch(/^unknown kexec: Kexec Handover was asked for/m);
    expect(facts({ kernel, commandLine: '' })).toMatch(/^fine kexec: Kexec Handover is off$/m);
  });

  it.each<readonly [string, TestFacts]>([
    ['without a known configuration', { commandLine: 'kho=on' }],
    ['for a kernel without it', { kernel: { config: { KEXEC_FILE: 'y' } } }],
    ['for a kernel without kexec_file_load', { handover: HANDOVER, kernel: { config: { KEXEC: 'y' } } }],
  ])('are none %s', (_, given) => {
    expect(facts(given)).not.toContain('Handover');
  });
});

describe('the finding about live update', () => {
  it('says what exec does first, if it was switched on and has Kexec Handover', () => {
    const kernel = { config: CONFIG };
    expect(facts({ kernel, commandLine: 'kho=on liveupdate=on' })).toMatch(/^fine kexec: the live update/m);
    for (const commandLine of ['liveupdate=on', 'kho=on', 'kho=on liveupdate=on liveupdate=off'])
      expect(facts({ kernel, commandLine })).not.toContain('live update');
  });
});

describe('the finding about CMA', () => {
  const cma = { total: 64n * MIB };
  const kernel = { release: '7.3.4', config: CONFIG };

  it('names its size where kexec_file_load uses it', () => {
    expect(facts({ cma, kernel })).toMatch(
      /^fine kexec: kexec_file_load takes pages of the CMA area.* 64 MiB/m,
    );
  });

  it.each<readonly [string, TestFacts]>([
    ['on a kernel before 6.17', { cma, kernel: { ...kernel, release: '6.12.1' } }],
    ['without CMA', { cma: { total: 0n }, kernel }],
    ['with Kexec Handover on', { cma, kernel, handover: HANDOVER }],
  ])('is none %s', (_, given) => {
    expect(facts(given)).not.toContain('CMA');
  });
});
