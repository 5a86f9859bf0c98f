import { describe, expect, it } from 'vitest';
import { CHECKS, type Check } from '../../src/base/checks.js';
import type { Errno } from '../../src/base/errno.js';
import { KexecError } from '../../src/base/error.js';
import { Trail } from '../../src/base/trail.js';
import { diagnose } from '../../src/doctor/diagnose.js';
import { findCandidates, type Standing } from '../../src/explain/candidates.js';
import { explainTrail } from '../../src/explain/explanation.js';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { buildImage } from '../support/image.js';
import { buildMachine, GIB, type TestFacts } from '../support/machine.js';

describe('explainTrail', () => {
  const trail = new Trail();
  trail.ok('file-size', 'the kernel has 1 byte');
  trail.ok('image-size', 'enough');
  trail.note('signature', 'not verified');
  trail.ok('file-size', 'the initrd has 1 byte');
  trail.refuse(new KexecError('image-granule', 'EINVAL', 'other pages', { offset: 24 }));
  const { refusal, groups } = explainTrail(trail.entries);

  it('separates the refusal, with rule, source and cure', () => {
    expect(refusal).toEqual({
      step: 5,
      check: 'image-granule',
      group: 'machine',
      verdict: 'refused',
      errno: 'EINVAL',
      detail: 'other pages (at offset 0x18)',
      rule: CHECKS['image-granule'].rule,
      source: CHECKS['image-granule'].source,
      cure: CHECKS['image-granule'].cure,
    });
  });

  it('groups all other entries by subject, each with its step', () => {
    const steps = groups.map(({ group, entries }) => [group, ...entries.map(({ step }) => step)]);
    expect(steps).toEqual([
      ['file', 1, 2, 4],
      ['signature', 3],
    ]);
  });
});

describe('findCandidates', () => {
  const kernel = buildImage();
  const load = (machine: Machine, image = kernel) => kexecFileLoad({ kernel: image }, machine);

  function of(errno: Errno, facts: Parameters<typeof findCandidates>[1]): Partial<Record<Check, Standing>> {
    const list = findCandidates(errno, facts);
    expect(list.map(({ standing }) => standing)).toEqual(
      list.map(({ standing }) => standing).toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)),
    );
    for (const { check, why } of list) {
      expect(CHECKS[check].errnos).toContain(errno);
      expect(why).not.toBe('');
    }
    return Object.fromEntries(list.map(({ check, standing }) => [check, standing]));
  }
  const ORDER: readonly Standing[] = ['found', 'possible', 'ruled out'];

  it('leaves every check open without facts', () => {
    const all = of('EINVAL', { findings: [] });
    expect(new Set(Object.values(all))).toEqual(new Set(['possible']));
    expect(all).toMatchObject({ 'image-magic': 'possible', 'segment-total': 'possible' });
    expect(all).not.toHaveProperty('kexec-file-load');
    expect(all).not.toHaveProperty('pem');
  });

  it('finds the refusal, rules out the checks before it and leaves those after it open', () => {
    const refused = load(buildMachine({ arm64: { granules: [65536] } }));
    expect(of('EINVAL', { load: refused, findings: [] })).toMatchObject({
      'image-granule': 'found',
      'image-magic': 'ruled out',
      'image-header': 'ruled out',
      'image-endianness': 'ruled out',
      'segment-total': 'possible',
      'dtb-chosen': 'possible',
    });
  });

  it('rules out what a load passes, but not what it did not check', () => {
    const loaded = load(buildMachine());
    const all = of('EINVAL', { load: loaded, findings: [] });
    expect(all).toMatchObject({
      'image-granule': 'ruled out',
      'segment-overlap': 'ruled out',
      'dtb-size': 'ruled out',
      'pkcs7-content': 'possible',
    });
    expect(of('EBUSY', { load: loaded, findings: [] })).toEqual({
      'running-lock': 'possible',
      'running-cpus': 'possible',
    });
  });

  it('rules out a refusal with another errno', () => {
    const refused = load(buildMachine({ memory: [{ start: GIB, end: GIB + 4096n }] }));
    expect(of('EINVAL', { load: refused, findings: [] })).not.toHaveProperty('segment-hole');
    expect(of('EADDRNOTAVAIL', { load: refused, findings: [] })).toMatchObject({ 'segment-hole': 'found' });
    const span = load(buildMachine(), buildImage({ imageSize: (1n << 64n) - 1n }));
    expect(of('EADDRNOTAVAIL', { load: span, findings: [] })).toMatchObject({ 'image-span': 'ruled out' });
  });

  it('also finds the refusal of the file itself by the system call', () => {
    const asItIs = new KexecError('image-magic', 'EINVAL', 'a UKI');
    expect(of('EINVAL', { load: load(buildMachine()), asItIs, findings: [] })).toMatchObject({
      'image-magic': 'found',
    });
  });

  it.each<[string, TestFacts, Errno, Check, Standing]>([
    [
      'CPUs by spin-table',
      { possibleCpus: 2, arm64: { enableMethods: ['spin-table'] } },
      'EBUSY',
      'running-cpus',
      'found',
    ],
    [
      'CPUs by PSCI',
      { possibleCpus: 2, arm64: { enableMethods: ['psci'] } },
      'EBUSY',
      'running-cpus',
      'ruled out',
    ],
    ['CPUs with an unknown method', { possibleCpus: 2 }, 'EBUSY', 'running-cpus', 'possible'],
    ['neither call', { kernel: { config: { SMP: 'y' } } }, 'ENOSYS', 'running-call', 'found'],
    ['one call', { kernel: { config: { KEXEC: 'y' } } }, 'ENOSYS', 'running-call', 'possible'],
    ['both', { kernel: { config: { KEXEC: 'y', KEXEC_FILE: 'y' } } }, 'ENOSYS', 'running-call', 'ruled out'],
    ['no lockdown', { lockdown: 'none' }, 'EPERM', 'lockdown', 'ruled out'],
    ['lockdown', { lockdown: 'integrity' }, 'EPERM', 'lockdown', 'possible'],
    ['kexec_load_disabled', { kernel: { kexecLoadDisabled: true } }, 'EPERM', 'live-permission', 'found'],
    [
      'loading not disabled',
      { kernel: { kexecLoadDisabled: false } },
      'EPERM',
      'live-permission',
      'possible',
    ],
  ])('judges by the machine: %s', (_, facts, errno, check, standing) => {
    const findings = diagnose(buildMachine(facts), {});
    expect(of(errno, { findings })).toMatchObject({ [check]: standing });
  });
});
