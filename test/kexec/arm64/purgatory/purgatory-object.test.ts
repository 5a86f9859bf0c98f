import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseElf, STB_GLOBAL } from '../../../../src/formats/elf/object.js';
import { decodePurgatoryObject } from '../../../../src/kexec/arm64/purgatory/purgatory-object.js';

const SCRIPT = fileURLToPath(new URL('../../../../scripts/build-assembly.mjs', import.meta.url));

describe('decodePurgatoryObject', () => {
  it('has the symbols that the loader sets, with their sizes, and an entry', () => {
    const { sections, symbols } = parseElf(decodePurgatoryObject());
    const defined = symbols
      .filter(({ binding }) => binding === STB_GLOBAL)
      .map(({ name, size, section }) => [
        name,
        Number(size),
        typeof section === 'number' ? sections[section]?.name : section,
      ]);
    expect(Object.fromEntries(defined.map(([name, ...rest]) => [name, rest]))).toEqual({
      purgatory_start: [expect.any(Number), '.text'],
      kernel_entry: [8, '.data'],
      dtb_addr: [8, '.data'],
      purgatory_sha_regions: [16 * 16, '.data'],
      purgatory_region_digests: [16 * 32, '.data'],
      purgatory_region_names: [16 * 16, '.data'],
      page_table_root: [8, '.data'],
      serial_base: [8, '.data'],
      serial_kind: [4, '.data'],
      serial_shift: [4, '.data'],
      serial_width: [4, '.data'],
      on_mismatch: [4, '.data'],
      use_sha2: [4, '.data'],
    });
  });

  it('is no larger than 16 KiB', () => {
    expect(decodePurgatoryObject().length).toBeLessThanOrEqual(16 * 1024);
  });

  it('is relocated whenever it is loaded', () => {
    expect(parseElf(decodePurgatoryObject()).relocations.length).toBeGreaterThan(0);
  });

  it('gives fresh bytes each time', () => {
    decodePurgatoryObject().fill(0);
    expect(decodePurgatoryObject()[0]).toBe(0x7f);
  });
});

describe('build-assembly.mjs', () => {
  it('says what is missing', () => {
    const env = { ...process.env, CROSS_COMPILE: 'no-such-machine-' };
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, '--check'], { encoding: 'utf8', env });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^no-such-machine-as is missing: install GNU binutils/);
  });

  it('knows no other option', () => {
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, '--force'], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^usage:/);
  });
});
