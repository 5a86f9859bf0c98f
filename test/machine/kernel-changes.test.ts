import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeLacks,
  hasChange,
  KERNEL_CHANGES,
  type KernelChange,
  type KernelChangeName,
  lacksChange,
  listFileLoadChanges,
  mayHaveLaterChanges,
} from '../../src/machine/kernel-changes.js';

const NAMES = Object.keys(KERNEL_CHANGES) as KernelChangeName[];
const changeOf = (name: KernelChangeName): KernelChange => KERNEL_CHANGES[name];
const numbersOf = (version: string): number[] => version.split('.').map(Number);

/** Compares `major.minor`. */
function isOlder(a: string, b: string): boolean {
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [numbersOf(a), numbersOf(b)];
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

const releases = fc.record({ major: fc.integer({ min: 4, max: 9 }), minor: fc.integer({ min: 0, max: 30 }) });

describe('the table of changes', () => {
  it('is in docs/kernel-releases.md, entry by entry', () => {
    const page = readFileSync('docs/kernel-releases.md', 'utf8');
    for (const name of NAMES) {
      const { since, now, before, source } = changeOf(name);
      const row = page.split('\n').find((line) => line.includes(source));
      expect(row, name).toMatch(new RegExp(`^\\| ${since.replace('.', '\\.')}[, ]`));
      expect(row, name).toContain(` | ${now} | ${before} | `);
    }
  });

  it('has updates only of series before the release that brought the change', () => {
    for (const name of NAMES) {
      const { since, stable = {} } = changeOf(name);
      for (const series of Object.keys(stable)) expect(isOlder(series, since), name).toBe(true);
    }
  });

  it('is of arm64 from 5.0 on: every change but that of the call itself is later', () => {
    for (const name of NAMES)
      if (name !== 'file-load')
        expect(isOlder(KERNEL_CHANGES['file-load'].since, changeOf(name).since)).toBe(true);
  });
});

describe('hasChange', () => {
  it('is true from a release on, whatever follows its number', () => {
    fc.assert(
      fc.property(
        releases,
        fc.constantFrom(...NAMES),
        fc.constantFrom('', '-rc1', '.0', '-arm64'),
        (release, name, rest) => {
          const version = `${release.major}.${release.minor}`;
          expect(hasChange(version + rest, name)).toBe(!isOlder(version, changeOf(name).since));
        },
      ),
    );
  });

  it('is true of updates that brought it, and of no other series', () => {
    expect(hasChange('5.9.8', 'second-search')).toBe(false);
    expect(hasChange('5.9.9', 'second-search')).toBe(true);
    expect(hasChange('5.8.18', 'second-search')).toBe(false);
    expect(hasChange('6.12.1', 'old-tree-reservation')).toBe(false);
    expect(hasChange('6.12.2', 'old-tree-reservation')).toBe(true);
    expect(hasChange('6.1.176', 'old-tree-reservation')).toBe(false);
    expect(hasChange('5.16.20', 'all-keyrings')).toBe(false);
    expect(hasChange('5.15.0-91-generic', 'all-keyrings')).toBe(false);
  });

  it.each([undefined, '', 'next-20261128'])('takes %s for Linux 6.12, with its updates', (release) => {
    for (const name of NAMES) {
      const { since, stable } = changeOf(name);
      expect(hasChange(release, name), name).toBe(!isOlder('6.12', since) || stable?.['6.12'] !== undefined);
    }
  });
});

it('describes what a kernel does without a change, and until when', () => {
  expect(describeLacks('5.4.0', ['second-search', 'rng-seed'])).toEqual([
    `${KERNEL_CHANGES['second-search'].before} (before Linux 5.10)`,
  ]);
  expect(describeLacks('5.10.0', ['second-search', 'rng-seed'])).toEqual([]);
});

it.each([
  ['5.14.0-503.11.1.el9_5.aarch64', true],
  ['4.18.0-553.el8_10.aarch64', true],
  ['5.14.21-150500.55.52-default', true],
  ['5.10.0-136.12.0.86.oe2203sp1.aarch64', true],
  ['5.10.107-android13-4-00001-g1234', true],
  ['6.12.117+deb12-arm64', false],
  ['5.15.0-91-generic', false],
  ['6.8.0-1021-aws', false],
  ['6.1.0', false],
  [undefined, false],
])('knows whether %s may have later changes', (release, may) => {
  expect(mayHaveLaterChanges(release)).toBe(may);
});

it('a kernel lacks no change of another architecture', () => {
  const kernel = { release: '4.19.0' };
  expect(lacksChange({ architecture: 'arm64', kernel }, 'file-load')).toBe(true);
  expect(lacksChange({ architecture: 'x86_64', kernel }, 'file-load')).toBe(false);
  expect(lacksChange({ architecture: 'x86_64', kernel }, 'ram-from-top')).toBe(true);
  expect(lacksChange({ architecture: 'x86_64', kernel }, 'large-files')).toBe(true);
  expect(listFileLoadChanges('x86_64')).toEqual(['ram-from-top']);
  expect(listFileLoadChanges('arm64')).toEqual(['rng-seed', 'second-search', 'common-tree']);
});
