import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/node/settings/read-settings.js';
import { parseSettings } from '../../../src/settings/settings.js';

const folder = mkdtempSync(join(tmpdir(), 'settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('readSettings()', () => {
  it('returns the defaults without a file', () => {
    expect(readSettings(join(folder, 'none.conf'))).toEqual(parseSettings(''));
  });

  it('reads a file', () => {
    const path = join(folder, 'good.conf');
    writeFileSync(path, '[load]\nstrict = true\n');
    expect(readSettings(path).load.strict).toBe(true);
  });

  it('names the file in a refusal', () => {
    const path = join(folder, 'bad.conf');
    writeFileSync(path, '[load]\nstrict = 1\n');
    expect(() => readSettings(path)).toThrow(`${path}, line 2: [load] strict = 1: wanted is true or false`);
    writeFileSync(path, Uint8Array.of(0x23, 0xff));
    expect(() => readSettings(path)).toThrow(`${path}, it is not text in UTF-8`);
    writeFileSync(path, new Uint8Array(1 << 19));
    expect(() => readSettings(path)).toThrow(`${path} has more than`);
  });

  it('refuses what it cannot read, in place of taking defaults', () => {
    const path = join(folder, 'folder.conf');
    mkdirSync(path);
    expect(() => readSettings(path)).toThrow(
      expect.objectContaining({ check: 'file-access', errno: 'EISDIR' }),
    );
  });
});
