import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../../../src/base/range.js';
import { buildBzimage } from '../../../support/bzimage.js';
import { listFacts, listFindings } from '../../../support/doctor.js';
import { buildX86Machine, SEABIOS_MEMORY } from '../../../support/x86-pc.js';

const TIB = 1n << 40n;
const FIVE = 0x7f;
const ENTERED_WITH_FIVE = 0x3f;
const FOUR = 0x1f;

const running = (fiveLevels: boolean, memory = SEABIOS_MEMORY) => buildX86Machine({ memory }, { fiveLevels });
const huge = [...SEABIOS_MEMORY, rangeOf(63n * TIB, 2n * TIB)];

describe('page tables of five levels', () => {
  it('are unknown, in use or not', () => {
    expect(listFacts('cpus', buildX86Machine())).toEqual([
      'unknown both: whether the running kernel uses page tables of five levels is not known',
    ]);
    expect(listFacts('cpus', running(false))).toEqual([]);
    expect(listFacts('cpus', running(true))).toEqual([
      'fine both: the running kernel uses page tables of five levels',
    ]);
  });

  it('must be known to the next kernel', () => {
    const kernel = buildBzimage({ xloadflags: FOUR });
    expect(listFacts('image', running(true), { kernel })).toEqual([
      expect.stringMatching(/^stops kexec: the load is refused: ENOEXEC \(bzimage-levels\)/),
    ]);
    expect(listFacts('cpus', running(true), { kernel })).toEqual([]);
    expect(listFacts('image', running(false), { kernel })).toEqual([]);
  });

  it('are left by a kernel without them, in its build or by its command line', () => {
    const seen = 'kexec: the running kernel uses page tables of five levels, and the next one uses';
    const list = (xloadflags: number, memory = SEABIOS_MEMORY, commandLine = 'quiet') =>
      listFacts('cpus', running(true, memory), { kernel: buildBzimage({ xloadflags }), commandLine });
    expect(list(FIVE)).toEqual([`fine ${seen} five`]);
    expect(list(FIVE, huge)).toEqual([`fine ${seen} five`]);
    expect(list(ENTERED_WITH_FIVE)).toEqual([`fine ${seen} four`]);
    const lost = `warns ${seen} four; 1T of RAM lies beyond 64T, the first at 0x400000000000..0x410000000000`;
    expect(list(ENTERED_WITH_FIVE, huge)).toEqual([lost]);
    expect(list(FIVE, huge, 'quiet no5lvl')).toEqual([lost]);
  });

  it('have a cure that fits', () => {
    const cureOf = (xloadflags: number, commandLine: string) =>
      listFindings('cpus', running(true, huge), { kernel: buildBzimage({ xloadflags }), commandLine })[0]
        ?.cure;
    expect(cureOf(ENTERED_WITH_FIVE, 'quiet')).toContain('CONFIG_X86_5LEVEL');
    expect(cureOf(FIVE, 'no5lvl')).toBe("remove no5lvl from the next kernel's command line");
  });
});
