import type * as fs from 'node:fs';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { giveName } from '../../../src/node/files/give-name.js';
import { makeTemporaryFolder } from '../../support/cli.js';

/** What link(2) fails with; it works if this is undefined. */
let errnoOfLink: string | undefined;

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof fs>();
  return {
    ...original,
    linkSync: (...args: Parameters<typeof fs.linkSync>) => {
      if (errnoOfLink !== undefined) throw Object.assign(new Error('no links'), { code: errnoOfLink });
      original.linkSync(...args);
    },
  };
});

describe.each([
  ['with links', undefined],
  ['without links', 'EPERM'],
  ['of which project quotas forbid links', 'EXDEV'],
  ['of an overlay without links', 'EOPNOTSUPP'],
])('the name of a complete file, on a file system %s', (_, errno) => {
  let folder: string;
  let from: string;
  let to: string;

  beforeEach(() => {
    errnoOfLink = errno;
    folder = makeTemporaryFolder();
    [from, to] = [join(folder, 'from'), join(folder, 'to')];
    writeFileSync(from, 'new', { mode: 0o640 });
  });

  it('is given if nothing has it', () => {
    giveName(from, to, { overwrite: false });
    expect([readFileSync(to, 'utf8'), statSync(to).mode & 0o777]).toEqual(['new', 0o640]);
    expect(readdirSync(folder)).toEqual(['to']);
  });

  it('is refused if a file has it, which stays', () => {
    writeFileSync(to, 'old');
    expect(() => giveName(from, to, { overwrite: false })).toThrow(
      expect.objectContaining({ errno: 'EEXIST', check: 'file-access' }),
    );
    expect([readFileSync(to, 'utf8'), existsSync(from)]).toEqual(['old', true]);
  });

  it('is taken from another file if that is wanted, with its mode', () => {
    writeFileSync(to, 'old', { mode: 0o600 });
    giveName(from, to, { overwrite: true });
    expect([readFileSync(to, 'utf8'), statSync(to).mode & 0o777]).toEqual(['new', 0o600]);
    expect(readdirSync(folder)).toEqual(['to']);
  });
});
