import { describe, expect, it } from 'vitest';
import { buildExecutable } from '../../../src/formats/elf/executable.js';
import { runReadelf } from '../../support/binutils.js';
import { DTB, INITRD, joinPieces, KERNEL, NOTHING } from './sample-segments.js';

describe('buildExecutable', () => {
  it('builds a file that readelf reads without warnings', () => {
    const file = joinPieces(
      buildExecutable({ entry: 0x4020_0040n, segments: [INITRD, KERNEL, NOTHING, DTB] }),
    );
    const text = runReadelf(file);
    expect(text).not.toMatch(/warning|error/i);
    expect(text).toMatch(/Type:\s+EXEC/);
    expect(text).toMatch(/Machine:\s+AArch64/);
    expect(text).toMatch(/Entry point address:\s+0x40200040/);
    const loads = [...text.matchAll(/^ +LOAD +(.*?) *$/gm)].map(([, columns]) => columns?.split(/ +/));
    expect(loads).toEqual([
      ['0x001000', '0x0000000040200000', '0x0000000040200000', '0x001388', '0x003000', 'RWE', '0x1000'],
      ['0x003123', '0x000000004a000123', '0x000000004a000123', '0x00004d', '0x001000', 'RWE', '0x1000'],
      ['0x004000', '0x000000004b000000', '0x000000004b000000', '0x000000', '0x002000', 'RWE', '0x1000'],
      ['0x004000', '0x0000000148000000', '0x0000000148000000', '0x001000', '0x001000', 'RWE', '0x1000'],
    ]);
  });
});
