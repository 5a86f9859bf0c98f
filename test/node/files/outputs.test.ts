import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LogFile } from '../../../src/node/files/log-file.js';
import { checkOutputs } from '../../../src/node/files/outputs.js';
import { writeFile } from '../../../src/node/files/write-file.js';
import { makeTemporaryFolder } from '../../support/cli.js';

const EXISTS = { errno: 'EEXIST', check: 'file-access' };
const NEW = [new TextEncoder().encode('new')];

let folder: string;
let old: string;

beforeEach(() => {
  folder = makeTemporaryFolder();
  old = join(folder, 'old');
  writeFileSync(old, 'old');
});

function pathOf(name: string): string {
  return join(folder, name);
}

describe('checkOutputs', () => {
  it('refuses a file that exists, unless it is to be replaced', () => {
    expect(() => checkOutputs({ '--svg': old }, {})).toThrow(
      expect.objectContaining({ ...EXISTS, seen: `${old} exists; --force replaces it` }),
    );
    expect(() => checkOutputs({ '--svg': old }, { overwrite: true })).not.toThrow();
    expect(() => checkOutputs({ '--svg': pathOf('new') }, {})).not.toThrow();
  });

  it.each([
    ['a link to a file', 'old'],
    ['a link to nothing', 'nothing'],
  ])('counts as a file: %s', (_, target) => {
    symlinkSync(target, pathOf('link'));
    expect(() => checkOutputs({ '-o': pathOf('link') }, {})).toThrow(expect.objectContaining(EXISTS));
    expect(() => checkOutputs({ '-o': pathOf('link') }, { overwrite: true })).not.toThrow();
  });

  it('refuses an input, and what is in a folder that is one, also if it is to be replaced', () => {
    for (const inputs of [[old], [undefined, folder]]) {
      expect(() => checkOutputs({ '-o': old }, { inputs, overwrite: true })).toThrow(
        expect.objectContaining(EXISTS),
      );
    }
  });

  it('refuses a folder, and a file in a folder that is missing or no folder, before the work', () => {
    mkdirSync(pathOf('here'));
    for (const [path, errno] of [
      [pathOf('here'), 'EISDIR'],
      [pathOf('missing/out'), 'ENOENT'],
      [pathOf('old/out'), 'ENOTDIR'],
    ] as const) {
      for (const overwrite of [false, true]) {
        expect(() => checkOutputs({ '-o': path }, { overwrite })).toThrow(
          expect.objectContaining({ errno, check: 'file-access' }),
        );
      }
    }
  });

  it('lets devices be written to', () => {
    expect(() => checkOutputs({ '-o': '/dev/null', '--svg': '/dev/null' }, {})).not.toThrow();
  });
});

describe('writeFile', () => {
  it('replaces no file, and says how much it wrote into a new one', async () => {
    await expect(writeFile(old, NEW)).rejects.toMatchObject(EXISTS);
    expect(await writeFile(pathOf('new'), NEW)).toBe(3);
    expect([readFileSync(old, 'utf8'), readFileSync(pathOf('new'), 'utf8')]).toEqual(['old', 'new']);
    expect(readdirSync(folder).sort()).toEqual(['new', 'old']);
  });

  it('replaces a file if that is wanted, and keeps its mode', async () => {
    chmodSync(old, 0o640);
    const { ino } = statSync(old);
    await writeFile(old, NEW, { overwrite: true });
    const { mode, ino: newIno } = statSync(old);
    expect([readFileSync(old, 'utf8'), mode & 0o777]).toEqual(['new', 0o640]);
    expect(newIno).not.toBe(ino);
    expect(readdirSync(folder)).toEqual(['old']);
  });

  it('replaces what a link leads to, and keeps the link', async () => {
    symlinkSync('old', pathOf('link'));
    await expect(writeFile(pathOf('link'), NEW)).rejects.toMatchObject(EXISTS);
    await writeFile(pathOf('link'), NEW, { overwrite: true });
    expect([readlinkSync(pathOf('link')), readFileSync(old, 'utf8')]).toEqual(['old', 'new']);
  });

  it('leaves the old file and nothing else if what it writes fails', async () => {
    const failing = (function* () {
      yield new Uint8Array(1);
      throw new Error('boom');
    })();
    await expect(writeFile(old, failing, { overwrite: true })).rejects.toThrow('boom');
    expect([readFileSync(old, 'utf8'), readdirSync(folder)]).toEqual(['old', ['old']]);
  });
});

describe('LogFile', () => {
  it('can be followed, and is not created without text', () => {
    const log = new LogFile(pathOf('log'));
    log.write('one\n');
    expect(readFileSync(pathOf('log'), 'utf8')).toBe('one\n');
    log.write('two\n');
    log.close();
    expect([readFileSync(pathOf('log'), 'utf8'), log.size]).toEqual(['one\ntwo\n', 8]);
    new LogFile(pathOf('empty')).close();
    new LogFile(old, { overwrite: true }).close();
    expect(readdirSync(folder).sort()).toEqual(['log', 'old']);
    expect(readFileSync(old, 'utf8')).toBe('old');
  });

  it('writes to standard output in order with what else is printed, and does not close it', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(false);
    const log = new LogFile('-');
    log.write('one\n');
    log.close();
    expect(write.mock.calls).toEqual([[Buffer.from('one\n')]]);
    write.mockRestore();
    expect(log.size).toBe(4);
  });

  it('replaces a file if that is wanted, and keeps its mode', () => {
    expect(() => new LogFile(old)).toThrow(expect.objectContaining(EXISTS));
    chmodSync(old, 0o640);
    const log = new LogFile(old, { overwrite: true });
    log.write('new');
    log.close();
    expect([readFileSync(old, 'utf8'), statSync(old).mode & 0o777]).toEqual(['new', 0o640]);
  });
});
