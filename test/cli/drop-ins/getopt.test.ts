import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getoptLong, type OptionSyntax } from '../../../src/cli/drop-ins/getopt.js';

const LOAD: OptionSyntax = { names: ['load'], letter: 'l' };
const PANIC: OptionSyntax = { names: ['load-panic'], letter: 'p' };
const TYPE: OptionSyntax = { names: ['type'], letter: 't', argument: 'TYPE' };
const INITRD: OptionSyntax = { names: ['initrd', 'ramdisk'], argument: 'FILE' };
const OWN: OptionSyntax = { names: ['timid'], isUnabbreviated: true };
const TABLE = [LOAD, PANIC, TYPE, INITRD, OWN];

function parse(args: readonly string[], posixlyCorrect = false) {
  const { options, ...rest } = getoptLong(args, TABLE, { posixlyCorrect });
  return { options: options.map(({ option, value }) => [option.names[0], value]), ...rest };
}

describe('getoptLong', () => {
  it.each<[readonly string[], readonly (readonly [string, string])[]]>([
    [['--load'], [['load', '']]],
    [['-l'], [['load', '']]],
    [['--initrd=F'], [['initrd', 'F']]],
    [['--initrd', 'F'], [['initrd', 'F']]],
    [['--initrd='], [['initrd', '']]],
    [['--initrd=a=b'], [['initrd', 'a=b']]],
    [['--ramdisk', '--load'], [['initrd', '--load']]],
    [['--init=F'], [['initrd', 'F']]],
    [['--r', 'F'], [['initrd', 'F']]],
    [['--load-'], [['load-panic', '']]],
    [['-t', 'Image'], [['type', 'Image']]],
    [['-tImage'], [['type', 'Image']]],
    [['-t=Image'], [['type', '=Image']]],
    [
      ['-lpt', '-l'],
      [
        ['load', ''],
        ['load-panic', ''],
        ['type', '-l'],
      ],
    ],
    [
      ['-ltImage'],
      [
        ['load', ''],
        ['type', 'Image'],
      ],
    ],
    // What has to be written out makes nothing ambiguous.
    [['--t', 'Image'], [['type', 'Image']]],
    [['--timid'], [['timid', '']]],
  ])('reads %j', (args, options) => {
    expect(parse(args)).toEqual({ options, operands: [] });
  });

  it.each([
    [['--bogus'], 'there is no option --bogus'],
    [['--=x'], '-- may be any of --load,'],
    [['--lo'], '--lo may be any of --load, --load-panic'],
    [['--load=5'], '--load takes no argument, but --load=5 gives it one'],
    [['--initrd'], '--initrd needs an argument, FILE'],
    [['--ram'], '--ramdisk needs an argument, FILE'],
    [['--tim'], 'there is no option --tim'],
    [['-Z'], 'there is no option -Z'],
    [['-lZ'], 'there is no option -Z'],
    [['-t'], '-t needs an argument, TYPE'],
    [['-l-'], 'there is no option --'],
  ])('finds fault with %j', (args, mistake) => {
    expect(parse(args).mistake).toContain(mistake);
  });

  it('returns the options before a mistake', () => {
    expect(parse(['-l', 'K', '-pZ', '-t', 'Image'])).toEqual({
      options: [
        ['load', ''],
        ['load-panic', ''],
      ],
      operands: ['K'],
      mistake: 'there is no option -Z',
    });
  });

  it('accepts options after operands, unless POSIXLY_CORRECT is set', () => {
    const args = ['-l', 'K', '--initrd', 'F', '-', 'G'];
    expect(parse(args)).toEqual({
      options: [
        ['load', ''],
        ['initrd', 'F'],
      ],
      operands: ['K', '-', 'G'],
    });
    expect(parse(args, true)).toEqual({
      options: [['load', '']],
      operands: ['K', '--initrd', 'F', '-', 'G'],
    });
  });

  it('takes everything after -- as an operand', () => {
    expect(parse(['K', '-l', '--', '-p', '--', '--bogus'])).toEqual({
      options: [['load', '']],
      operands: ['K', '-p', '--', '--bogus'],
    });
  });

  it('returns every operand and every argument unchanged', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (operands, values) => {
        const args = [...values.flatMap((value) => ['--initrd', value]), '--', ...operands];
        expect(parse(args)).toEqual({ options: values.map((value) => ['initrd', value]), operands });
      }),
    );
  });

  it('never throws', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('-', '--', '---', '-t', '--initrd', '--load=', '--=', '-l-', '-lt'),
    );
    fc.assert(
      fc.property(fc.array(word), (args) => {
        const { options, operands } = getoptLong(args, TABLE);
        expect(options.length + operands.length).toBeLessThanOrEqual(args.join(' ').length + args.length);
      }),
    );
  });
});
