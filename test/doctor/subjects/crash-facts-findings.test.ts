import { describe, expect, it } from 'vitest';
import { buildCrashMachine } from '../../support/crash.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine, type TestFacts } from '../../support/machine.js';

describe('crash facts', () => {
  it('are known', () => {
    expect(listFacts('crash-facts', buildCrashMachine())).toEqual([
      'fine kdump: the addresses of the crash notes of 2 CPUs and of the kernel are known',
    ]);
  });

  it('stop kdump if they are unknown on a live machine without kexec_file_load', () => {
    const machine = buildMachine({ unknown: [{ fact: 'vmcoreinfo', reason: 'denied' }] });
    const fact = 'the addresses of the crash notes or of the kernel are not known; vmcoreinfo: denied';
    expect(listFacts('crash-facts', machine)).toEqual([`unknown kdump: ${fact}`]);
    expect(listFacts('crash-facts', machine, { live: {} })).toEqual([`stops kdump: ${fact}`]);
    expect(listFacts('crash-facts', machine, { live: { hasKexecFileLoad: true } })).toEqual([
      `fine kdump: ${fact}`,
    ]);
  });

  it.each<[string, TestFacts]>([
    ['CONFIG_PROC_KCORE=y', { kernel: { config: { KEXEC: 'y' } } }],
    ['lockdown=confidentiality', { lockdown: 'confidentiality' }],
    ['read them as root', {}],
  ])('have a cure that fits the cause: %s', (cure, facts) => {
    const [finding] = listFindings('crash-facts', buildMachine(facts), { live: {} });
    expect(finding?.cure).toContain(cure);
  });
});
