import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPurgatory } from '../../../../src/arch/arm64/purgatory/load.js';
import { purgatoryObject } from '../../../../src/arch/arm64/purgatory/object.js';
import { encodeU64le } from '../../../../src/base/bytes.js';
import { alignDown } from '../../../../src/base/u64.js';
import { parseElf } from '../../../../src/formats/elf/object.js';

const SCRIPT = fileURLToPath(new URL('../../../../scripts/build-assembly.mjs', import.meta.url));

/** Where `adrp xN, …` and the `ldr xM, [xN, #…]` behind it read from. */
function loadedFrom(code: DataView, at: number, base: bigint): bigint {
  const [adrp, ldr] = [code.getUint32(at, true), code.getUint32(at + 4, true)];
  const pages = BigInt.asIntN(21, BigInt(((adrp >>> 29) & 3) | (((adrp >>> 5) & 0x7ffff) << 2)));
  return alignDown(base + BigInt(at), 4096n) + pages * 4096n + BigInt(((ldr >>> 10) & 0xfff) * 8);
}

describe('purgatoryObject', () => {
  it('has the symbols of the 2017 series, with their sizes', () => {
    const { sections, symbols } = parseElf(purgatoryObject());
    const defined = symbols
      .filter(({ binding }) => binding === 1)
      .map(({ name, size, section }) => [
        name,
        size,
        typeof section === 'number' ? sections[section]?.name : section,
      ]);
    expect(defined).toEqual([
      ['purgatory_start', 32n, '.text'],
      ['kernel_entry', 8n, '.data'],
      ['dtb_addr', 8n, '.data'],
      ['purgatory_sha_regions', 256n, '.data'],
      ['purgatory_sha256_digest', 32n, '.data'],
    ]);
  });

  it('is relocated whenever it is loaded', () => {
    expect(parseElf(purgatoryObject()).relocations.length).toBeGreaterThan(0);
  });

  it('gives fresh bytes each time', () => {
    purgatoryObject().fill(0);
    expect(purgatoryObject()[0]).toBe(0x7f);
  });

  it('enters kernel_entry with dtb_addr in x0, wherever it lies', () => {
    const address = fc.bigInt(0n, (1n << 64n) - 1n);
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 52n) - 2n), address, address, (page, kernel, dtb) => {
        const base = page * 4096n;
        const purgatory = loadPurgatory(purgatoryObject());
        purgatory.setSymbol('kernel_entry', encodeU64le(kernel));
        purgatory.setSymbol('dtb_addr', encodeU64le(dtb));
        const { bytes, entry } = purgatory.link(base);
        const view = new DataView(bytes.buffer);
        expect(entry).toBe(base);
        expect(view.getBigUint64(Number(loadedFrom(view, 0, base) - base), true)).toBe(kernel);
        expect(view.getBigUint64(Number(loadedFrom(view, 8, base) - base), true)).toBe(dtb);
        const rest = [16, 20, 24, 28].map((at) => view.getUint32(at, true));
        // mov x1, xzr; mov x2, xzr; mov x3, xzr; br x17
        expect(rest).toEqual([0xaa1f03e1, 0xaa1f03e2, 0xaa1f03e3, 0xd61f0220]);
      }),
    );
  });
});

describe('build-assembly.mjs', () => {
  it('builds from the sources what is checked in', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/object\.ts: up to date\n.*witness\.Image: up to date/);
  });

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
