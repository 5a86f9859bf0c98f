import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIomem } from '../../src/formats/iomem.js';
import { findKernelMap } from '../../src/machine/arm64/kernel-map.js';
import type { Collected } from '../../src/machine/collected.js';
import {
  parseCrashNotes,
  parseKallsyms,
  parseVmcoreinfoNote,
  readCrashFacts,
} from '../../src/machine/crash-facts.js';
import { parseVmcoreinfo } from '../../src/machine/vmcoreinfo-lines.js';
import { catchRefusal } from '../support/hostile.js';
import { IOMEM, VMCOREINFO } from '../support/machine-root.js';

const TEXTS = {
  'crash-notes': 'cpu0 bff05000 424\ncpu1 bff15000 424\n',
  'vmcoreinfo-note': '0x0000000043601000 1024\n',
};

/** Facts by changed lines of VMCOREINFO. */
function facts(lines: Record<string, string | undefined>, texts: Collected = {}) {
  const vmcoreinfo: Record<string, string> = { ...parseVmcoreinfo(VMCOREINFO) };
  for (const [name, value] of Object.entries(lines)) {
    if (value === undefined) delete vmcoreinfo[name];
    else vmcoreinfo[name] = value;
  }
  return readCrashFacts({ ...TEXTS, ...texts }, findKernelMap(vmcoreinfo, texts.kallsyms, parseIomem(IOMEM)));
}

const MODULES_END = 'NUMBER(MODULES_END)';

describe('readCrashFacts', () => {
  it("finds the kernel's start by MODULES_END and KERNELOFFSET, and its end by iomem", () => {
    expect(facts({})?.text).toEqual({
      start: 0x4140_0000n,
      end: 0x4351_0000n,
      virtual: 0xffff_d00a_a2c0_0000n,
    });
  });

  it('finds both by kallsyms, or else by iomem, for a kernel before 6.0', () => {
    const kallsyms = 'ffffd00aa2c00000 T _text\nffffd00aa4d08000 B _end\n';
    const byKallsyms = facts({ [MODULES_END]: undefined }, { kallsyms });
    expect(byKallsyms?.text).toMatchObject({ start: 0x4140_0000n, end: 0x4350_8000n });
    expect(facts({ [MODULES_END]: undefined })?.text).toMatchObject({
      start: 0x4141_0000n,
      virtual: 0xffff_d00a_a2c1_0000n,
    });
  });

  it.each([
    ['48 bits', {}, { physical: 0x4000_0000n, virtual: 0xffff_0000_0000_0000n }],
    ['39 bits', { 'NUMBER(VA_BITS)': '39' }, { physical: 0x4000_0000n, virtual: 0xffff_ff80_0000_0000n }],
    [
      'a kernel before 5.4, in the upper half',
      { OSRELEASE: '4.19.0-26-arm64' },
      { physical: 0x4000_0000n, virtual: 0xffff_8000_0000_0000n },
    ],
    [
      '52 bits on a CPU that has 48',
      { OSRELEASE: '6.12.0', 'NUMBER(VA_BITS)': '52', 'NUMBER(PHYS_OFFSET)': '0xfff1000040000000' },
      { physical: 0n, virtual: 0xfffe_ffff_c000_0000n },
    ],
  ])('finds the linear map of %s', (_, lines, linearMap) => {
    expect(facts(lines)?.linearMap).toEqual(linearMap);
  });

  it.each(['NUMBER(VA_BITS)', 'NUMBER(PHYS_OFFSET)', 'NUMBER(kimage_voffset)'])(
    'finds nothing without %s, or with one that is no number',
    (name) => {
      expect(facts({ [name]: undefined })).toBeUndefined();
      expect(facts({ [name]: 'x' })).toBeUndefined();
    },
  );

  it('finds no linear map that leaves 64 bits', () => {
    expect(facts({ 'NUMBER(PHYS_OFFSET)': '0x8000000000000000' })).toBeUndefined();
    expect(facts({ 'NUMBER(VA_BITS)': '64' })).toBeUndefined();
  });
});

describe('the texts of sysfs and kallsyms', () => {
  it('have notes by CPU, the size in decimal digits', () => {
    expect(parseCrashNotes('cpu10 10a00 424\ncpu2 10200 424\n')).toEqual([
      { start: 0x10200n, end: 0x10200n + 424n },
      { start: 0x10a00n, end: 0x10a00n + 424n },
    ]);
    expect(parseCrashNotes('')).toEqual([]);
  });

  it('have the VMCOREINFO note, the size in hexadecimal', () => {
    expect(parseVmcoreinfoNote('0x0000000043601000 1024\n')).toEqual({
      start: 0x4360_1000n,
      end: 0x4360_2024n,
    });
  });

  it('have symbols, without those whose address is 0', () => {
    const symbols = parseKallsyms(
      'ffff800080000000 T _text\n0000000000000000 B _end\nffff800080010000 t a\t[b]\n',
    );
    expect([...symbols]).toEqual([['_text', 0xffff_8000_8000_0000n]]);
  });

  it('are parsed or refused, whatever they contain', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const parse of [parseCrashNotes, parseVmcoreinfoNote]) {
          expect(catchRefusal(() => parse(text))?.check ?? 'machine-text').toMatch(
            /^(machine-text|range-order)$/,
          );
        }
        parseKallsyms(text);
        parseVmcoreinfo(text);
      }),
    );
  });
});
