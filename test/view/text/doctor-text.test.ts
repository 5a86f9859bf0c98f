import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/doctor/finding.js';
import { formatFindings } from '../../../src/view/text/doctor-text.js';

const stopping: Finding = {
  topic: 'lockdown',
  severity: 'stops',
  about: 'both',
  fact: 'the kernel is locked down',
  why: `${'because of something long and '.repeat(6)}so on`,
  cure: 'boot without',
  source: 'somewhere',
};
const unknown: Finding = {
  topic: 'crash-region',
  severity: 'unknown',
  about: 'kdump',
  fact: 'who knows',
  why: 'nobody',
  source: 'nowhere',
};
const fine: Finding = {
  ...unknown,
  topic: 'cpus',
  severity: 'fine',
  about: 'kexec',
  fact: 'there is one CPU',
};

describe('formatFindings', () => {
  it('groups, indents and wraps findings', () => {
    expect(formatFindings([stopping, unknown, fine, fine], { columns: 110 })).toBe(`What stops it

  lockdown (kexec, kdump): the kernel is locked down
    why   because of something long and because of something long and because of something long and because of
          something long and because of something long and because of something long and so on
    cure  boot without
    from  somewhere

What is not known

  crash-region (kdump): who knows
    why   nobody
    from  nowhere

What is in order

  cpus (kexec): there is one CPU
  cpus (kexec): there is one CPU

kexec: 1 finding stops it
kdump: 1 finding stops it`);
  });

  it('end with the verdicts', () => {
    const verdicts = (...findings: readonly Finding[]) =>
      formatFindings(findings, { color: false }).split('\n').slice(-2);
    expect(verdicts(fine)).toEqual(['kexec: nothing stops it', 'kdump: nothing stops it']);
    expect(verdicts(unknown)).toEqual([
      'kexec: nothing stops it',
      'kdump: nothing stops it, as far as is known',
    ]);
    expect(verdicts(stopping, { ...stopping, about: 'kdump' })).toEqual([
      'kexec: 1 finding stops it',
      'kdump: 2 findings stop it',
    ]);
  });

  it('are coloured if colour is on', () => {
    expect(formatFindings([stopping], { color: true })).toContain('\u001b[31mlockdown\u001b[39m');
    expect(formatFindings([stopping], { color: false })).not.toContain('\u001b');
  });
});
