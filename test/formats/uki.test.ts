import { describe, expect, it } from 'vitest';
import { parsePe } from '../../src/formats/pe/parse.js';
import { parseUki, type Uki } from '../../src/formats/uki.js';
import { catchRefusal } from '../support/hostile.js';
import { buildPe } from '../support/pe.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A PE file with these sections, in order. */
function parse(...sections: readonly (readonly [string, string])[]): Uki {
  const parts = { sections: sections.map(([name, text]) => ({ name, bytes: bytes(text.padEnd(16)) })) };
  return parseUki(parsePe(buildPe(parts)));
}

const text = (one: Uint8Array | undefined): string => new TextDecoder().decode(one).trim();

describe('parseUki', () => {
  it('uses the first profile over the sections for all profiles', () => {
    const uki = parse(
      ['.linux', 'kernel'],
      ['.cmdline', 'all'],
      ['.dtbauto', 'tree 1'],
      ['.dtbauto', 'tree 2'],
      ['.profile', 'ID=main'],
      ['.cmdline', 'main'],
      ['.profile', 'ID=rescue'],
      ['.cmdline', 'rescue'],
    );
    expect(uki).toMatchObject({ commandLine: 'main', otherProfiles: 1 });
    expect(uki.dtbauto.map(text)).toEqual(['tree 1', 'tree 2']);
  });

  it.each<[string, readonly (readonly [string, string])[]]>([
    [
      'two kernels',
      [
        ['.linux', 'a'],
        ['.linux', 'b'],
      ],
    ],
    [
      'two initrds',
      [
        ['.linux', 'a'],
        ['.initrd', 'b'],
        ['.initrd', 'c'],
      ],
    ],
    [
      'two kernels of a profile',
      [
        ['.profile', 'x'],
        ['.linux', 'a'],
        ['.linux', 'b'],
      ],
    ],
    [
      'a kernel of another profile alone',
      [
        ['.profile', 'x'],
        ['.profile', 'y'],
        ['.linux', 'a'],
      ],
    ],
    ['no kernel', [['.initrd', 'a']]],
  ])('refuses %s', (_, sections) => {
    expect(catchRefusal(() => parse(...sections))).toMatchObject({ check: 'uki', errno: 'ENOEXEC' });
  });

  it('refuses a command line that is not UTF-8', () => {
    const sections = [
      { name: '.linux', bytes: bytes('a kernel') },
      { name: '.cmdline', bytes: Uint8Array.of(0xc3, 0x28) },
    ];
    expect(catchRefusal(() => parseUki(parsePe(buildPe({ sections }))))).toMatchObject({ check: 'uki' });
  });
});
