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

describe('a trail, explained', () => {
  const trail = new Trail();
  trail.ok('file-size', 'the kernel has 1 byte');
  trail.ok('image-size', 'enough');
  trail.note('signature', 'not verified');
  trail.ok('file-size', 'the initrd has 1 byte');
  trail.refuse(new KexecError('image-granule', 'EINVAL', 'other pages', { offset: 24 }));
  const { refusal, groups } = explainTrail(trail.entries);

  it('tells the refusal by itself, with what its check says', () => {
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

  it('tells all else by subject, with its place in the order of the kernel', () => {
    const told = groups.map(({ group, entries }) => [group, ...entries.map(({ step }) => step)]);
    expect(told).toEqual([
      ['file', 1, 2, 4],
      ['signature', 3],
    ]);
  });
});

describe('what an errno comes of', () => {
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

  it('is open where nothing is at hand', () => {
    const all = of('EINVAL', { findings: [] });
    expect(new Set(Object.values(all))).toEqual(new Set(['possible']));
    expect(all).toMatchObject({ 'image-magic': 'possible', 'segment-total': 'possible' });
    expect(all).not.toHaveProperty('kexec-file-load');
    expect(all).not.toHaveProperty('pem');
  });

  it('is the refusal; what held before is ruled out, what comes after is open', () => {
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

  it('is not what a load got past, but it may be what was not looked at', () => {
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

  it('is not a refusal with another errno', () => {
    const refused = load(buildMachine({ memory: [{ start: GIB, end: GIB + 4096n }] }));
    expect(of('EINVAL', { load: refused, findings: [] })).not.toHaveProperty('segment-hole');
    expect(of('EADDRNOTAVAIL', { load: refused, findings: [] })).toMatchObject({ 'segment-hole': 'found' });
    const span = load(buildMachine(), buildImage({ imageSize: (1n << 64n) - 1n }));
    expect(of('EADDRNOTAVAIL', { load: span, findings: [] })).toMatchObject({ 'image-span': 'ruled out' });
  });

  it('is what the system call says of the file as it is, too', () => {
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
    ['CPUs that nobody knows', { possibleCpus: 2 }, 'EBUSY', 'running-cpus', 'possible'],
    ['neither call', { kernel: { config: { SMP: 'y' } } }, 'ENOSYS', 'running-call', 'found'],
    ['one call', { kernel: { config: { KEXEC: 'y' } } }, 'ENOSYS', 'running-call', 'possible'],
    ['both', { kernel: { config: { KEXEC: 'y', KEXEC_FILE: 'y' } } }, 'ENOSYS', 'running-call', 'ruled out'],
    ['no lockdown', { lockdown: 'none' }, 'EPERM', 'lockdown', 'ruled out'],
    ['lockdown', { lockdown: 'integrity' }, 'EPERM', 'lockdown', 'possible'],
    ['kexec_load_disabled', { kernel: { kexecLoadDisabled: true } }, 'EPERM', 'live-permission', 'found'],
    ['loads that are left', { kernel: { kexecLoadDisabled: false } }, 'EPERM', 'live-permission', 'possible'],
  ])('is told by the machine: %s', (_, facts, errno, check, standing) => {
    const findings = diagnose(buildMachine(facts), {});
    expect(of(errno, { findings })).toMatchObject({ [check]: standing });
  });
});
