import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findOracle } from '../support/oracle/oracle.js';
import { withTemporaryFolder } from '../support/programs.js';
import { parseOptions } from './options.js';

describe('options of npm run conformance', () => {
  it('ask both oracles about everything by default', () => {
    expect(parseOptions([])).toMatchObject({
      oracles: ['6.12', '7.3'],
      subjects: ['signatures', 'placement', 'crash', 'x86_64', 'log', 'initrd'],
      all: false,
    });
  });

  it('ask one oracle what is asked of each', () => {
    const { oracles, subjects } = parseOptions(['--oracle', '7.3']);
    expect(oracles).toEqual(['7.3']);
    expect(subjects).toEqual(['signatures', 'placement', 'crash', 'x86_64']);
  });

  it.each([
    [['--oracle', '6.1'], '--oracle is one of 6.12, 7.3: "6.1" is not'],
    [['--only', 'dumps'], '--only is one of'],
    [['--oracle', '7.3', '--only', 'log'], '"log" is not asked of one oracle'],
    [['--random', 'many'], '--random is no number: many'],
    [['--record-all'], '--record-all'],
  ])('%j: an error', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});

describe('an oracle', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  const inFolders = (banners: Readonly<Record<string, string>>, check: () => void): void =>
    withTemporaryFolder((folder) => {
      for (const [name, banner] of Object.entries(banners)) {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, 'Image'), `\0${banner} (someone)\0`);
      }
      vi.stubEnv('KEXEC_ORACLE', `${join(folder, 'oracle')}/`);
      check();
    });

  it('is in the named folder, or in the one beside it', () => {
    inFolders({ oracle: 'Linux version 6.12.117-x', 'oracle-7.3': 'Linux version 7.3.4-x' }, () => {
      expect(findOracle('6.12').image).toMatch(/\/oracle\/Image$/);
      expect(findOracle('7.3').image).toMatch(/\/oracle-7\.3\/Image$/);
    });
  });

  it('that is missing is an error, and one of another release, too', () => {
    inFolders({ oracle: 'Linux version 7.3.4-x' }, () => {
      expect(() => findOracle('7.3')).toThrow(/no oracle of Linux 7\.3.*docs\/conformance\.md/);
      expect(() => findOracle('6.12')).toThrow('is "Linux version 7.3.4-x", and not Linux 6.12');
    });
    vi.stubEnv('KEXEC_ORACLE', '');
    expect(() => findOracle('6.12')).toThrow('KEXEC_ORACLE is not set');
  });
});
