import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Range } from '../../../src/base/range.js';
import { buildMemoryRows } from '../../../src/view/memory-map/map-rows.js';
import { formatMemoryMap } from '../../../src/view/memory-map/map-text.js';
import { anyMemory, buildSampleMachine, server, virt } from './samples.js';

const VIRT = `
        START         END        SIZE  NOW       NEXT
   0x40000000  0x40100000     1.0 MiB  reserved  unknown
   0x40100000  0x40200000     1.0 MiB  free      free
>  0x40200000  0x41d00000    27.0 MiB  free      kernel
>  0x41d00000  0x41f00000     2.0 MiB  free      initrd
   0x41f00000  0xbfdff000  2015.0 MiB  free      free
>  0xbfdff000  0xbfe00000     4.0 KiB  free      purgatory  entry 0xbfdff000
>  0xbfe00000  0xbfe04000    16.0 KiB  free      dtb
   0xbfe04000  0xbff00000     1.0 MiB  free      free
   0xbff00000  0xc0000000     1.0 MiB  reserved  unknown

  unknown: taken now; the next kernel may use what firmware has not reserved
`;

const SERVER = `
          START           END        SIZE  NOW                NEXT
     0x80000000    0x80200000     2.0 MiB  free               kept
     0x80200000    0x82400000    34.0 MiB  reserved           kept
     0x82400000    0x90000000   220.0 MiB  free               kept
     0x90000000    0x9038e000     3.6 MiB  reserved           kept        12 ranges, 2.25 MiB free between them
     0x9038e000    0xdd000000  1228.4 MiB  free               kept
     0xdd000000    0xe5000000   128.0 MiB  crash region, low  free
     0xe5000000    0xfa000000   336.0 MiB  free               kept
     0xfa000000    0xfa2fb000     3.0 MiB  reserved           kept        10 ranges, 1.81 MiB free between them
     0xfa2fb000    0xfd000000    45.0 MiB  free               kept
     0xfd000000   0x880000000    30.0 GiB  no RAM             no RAM
    0x880000000   0xfc0000000    29.0 GiB  free               kept
    0xfc0000000   0xfc0200000     2.0 MiB  crash region       free
>   0xfc0200000   0xfc2600000    36.0 MiB  crash region       kernel      entry 0xfc0200000
>   0xfc2600000   0xfc6000000    58.0 MiB  crash region       initrd
    0xfc6000000   0xfdfc00000   412.0 MiB  crash region       free
>   0xfdfc00000   0xfdfc30000     0.2 MiB  crash region       dtb
    0xfdfc30000   0xfdfff0000     3.8 MiB  crash region       free
>   0xfdfff0000   0xfe0000000    64.0 KiB  crash region       elfcorehdr
    0xfe0000000   0xff0000000   256.0 MiB  free               kept
    0xff0000000   0xff0268000     2.4 MiB  reserved           kept        8 ranges, 1.47 MiB free between them
    0xff0268000  0x1000000000   253.6 MiB  free               kept
   0x1000000000  0x8800000000   480.0 GiB  no RAM             no RAM
   0x8800000000  0x8f00000000    28.0 GiB  free               kept
   0x8f00000000  0x8f001fe000     2.0 MiB  reserved           kept        7 ranges, 1.27 MiB free between them
   0x8f001fe000  0x9003000000  4142.0 MiB  free               kept

  kept: stays as it was when the kernel crashed, for the dump
`;

/** At 80 columns, notes stand below their lines. */
const SERVER_80 = `
          START           END        SIZE  NOW                NEXT
     0x80000000    0x80200000     2.0 MiB  free               kept
     0x80200000    0x82400000    34.0 MiB  reserved           kept
     0x82400000    0x90000000   220.0 MiB  free               kept
     0x90000000    0x9038e000     3.6 MiB  reserved           kept
                                           12 ranges, 2.25 MiB free between them
     0x9038e000    0xdd000000  1228.4 MiB  free               kept
     0xdd000000    0xe5000000   128.0 MiB  crash region, low  free
     0xe5000000    0xfa000000   336.0 MiB  free               kept
     0xfa000000    0xfa2fb000     3.0 MiB  reserved           kept
                                           10 ranges, 1.81 MiB free between them
     0xfa2fb000    0xfd000000    45.0 MiB  free               kept
     0xfd000000   0x880000000    30.0 GiB  no RAM             no RAM
    0x880000000   0xfc0000000    29.0 GiB  free               kept
    0xfc0000000   0xfc0200000     2.0 MiB  crash region       free
>   0xfc0200000   0xfc2600000    36.0 MiB  crash region       kernel
                                           entry 0xfc0200000
>   0xfc2600000   0xfc6000000    58.0 MiB  crash region       initrd
    0xfc6000000   0xfdfc00000   412.0 MiB  crash region       free
>   0xfdfc00000   0xfdfc30000     0.2 MiB  crash region       dtb
    0xfdfc30000   0xfdfff0000     3.8 MiB  crash region       free
>   0xfdfff0000   0xfe0000000    64.0 KiB  crash region       elfcorehdr
    0xfe0000000   0xff0000000   256.0 MiB  free               kept
    0xff0000000   0xff0268000     2.4 MiB  reserved           kept
                                           8 ranges, 1.47 MiB free between them
    0xff0268000  0x1000000000   253.6 MiB  free               kept
   0x1000000000  0x8800000000   480.0 GiB  no RAM             no RAM
   0x8800000000  0x8f00000000    28.0 GiB  free               kept
   0x8f00000000  0x8f001fe000     2.0 MiB  reserved           kept
                                           7 ranges, 1.27 MiB free between them
   0x8f001fe000  0x9003000000  4142.0 MiB  free               kept

  kept: stays as it was when the kernel crashed, for the dump
`;

function move({ start, end }: Range, base: bigint): Range {
  return { start: start + base, end: end + base };
}

describe('formatMemoryMap', () => {
  it.each([
    ['2 GiB of QEMU', virt, VIRT],
    ['a server with a crash kernel', server, SERVER],
  ])('shows %s in aligned columns', (_, { machine, kimage }, expected) => {
    expect(`\n${formatMemoryMap(buildMemoryRows(machine, kimage), { columns: 120 })}\n`).toBe(expected);
  });

  it('shows the same in 80 columns, with notes below their lines', () => {
    expect(`\n${formatMemoryMap(buildMemoryRows(server.machine, server.kimage), { columns: 80 })}\n`).toBe(
      SERVER_80,
    );
    const wide = formatMemoryMap(buildMemoryRows(virt.machine, virt.kimage), { columns: 80 });
    expect(`\n${wide}\n`).toBe(VIRT);
  });

  it('breaks no column and no word at any width, whatever the addresses', () => {
    fc.assert(
      fc.property(
        anyMemory,
        fc.integer({ min: 76, max: 130 }),
        fc.constantFrom(0n, 1n << 36n, 0xf_0000_0000_0000n),
        ({ machine, kimage }, columns, base) => {
          const rows = buildMemoryRows(machine, kimage).map((row) => ({
            ...row,
            range: move(row.range, base),
          }));
          const [header = '', ...lines] = formatMemoryMap(rows, { columns }).split('\n');
          expect(Math.max(...lines.map(({ length }) => length), header.length)).toBeLessThanOrEqual(columns);
          const uses = header.search(/WHAT|NOW/);
          const table = lines.filter((line) => /^[> ] {2,}0x/.test(line));
          expect(table.length).toBeGreaterThan(0);
          for (const line of table) expect(line.slice(uses - 2, uses + 1)).toMatch(/^ {2}\S$/);
        },
      ),
    );
  });

  it('leaves out the end, then the size, where there is no room', () => {
    const rows = buildMemoryRows(server.machine, server.kimage);
    const headers = [80, 65, 50].map((columns) =>
      formatMemoryMap(rows, { columns }).split('\n')[0]?.trim().split(/ +/),
    );
    expect(headers).toEqual([
      ['START', 'END', 'SIZE', 'NOW', 'NEXT'],
      ['START', 'SIZE', 'NOW', 'NEXT'],
      ['START', 'NOW', 'NEXT'],
    ]);
  });

  it('shows a machine without a kimage, and of an empty machine the header alone', () => {
    const text = formatMemoryMap(buildMemoryRows(virt.machine), { color: false });
    expect(text.split('\n')).toHaveLength(4);
    expect(text).not.toContain('>');
    expect(formatMemoryMap(buildMemoryRows(buildSampleMachine({})), { color: false })).toBe(
      '   START  END  SIZE  WHAT',
    );
  });

  it('adds colour and nothing else if colour is on', () => {
    const rows = buildMemoryRows(server.machine, server.kimage);
    const colored = formatMemoryMap(rows, { color: true, columns: 120 }).split('\n');
    const dim = '\u001b[2m';
    const [green, yellow] = ['\u001b[32m', '\u001b[33m'];
    expect(stripVTControlCharacters(colored.join('\n'))).toBe(SERVER.slice(1, -1));
    expect(colored.filter((line) => line.includes(green))).toHaveLength(4);
    for (const line of colored.slice(1)) {
      const text = stripVTControlCharacters(line);
      expect(line.includes(green)).toBe(text.startsWith('>'));
      expect(line.includes(yellow)).toBe(text.includes('crash region') && !text.startsWith('>'));
      expect(line.startsWith(dim)).toBe(/iB {2}(free|no RAM) /.test(text));
    }
  });
});
