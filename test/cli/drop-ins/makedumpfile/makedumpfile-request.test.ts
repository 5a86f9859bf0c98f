import { describe, expect, it } from 'vitest';
import { OPTIONS } from '../../../../src/cli/drop-ins/makedumpfile/makedumpfile-options.js';
import {
  type MakedumpfileRequest,
  readRequest,
} from '../../../../src/cli/drop-ins/makedumpfile/makedumpfile-request.js';

function read(line: string): MakedumpfileRequest {
  return readRequest(line.split(' ').filter((word) => word !== ''));
}

describe('a makedumpfile command line', () => {
  it('is the default of kdump-utils', () => {
    expect(read('-l --message-level 7 -d 31 /proc/vmcore vmcore-incomplete --num-threads=4')).toMatchObject({
      action: 'save',
      vmcore: '/proc/vmcore',
      output: 'vmcore-incomplete',
      format: 'kdump',
      levels: [31],
      threads: 5,
      force: false,
      choice: { level: 7, isOnStandardError: false },
    });
  });

  it('is the default of kdump-tools', () => {
    expect(read('-F -c -d 31 /proc/vmcore')).toMatchObject({
      action: 'save',
      output: '-',
      compression: 'zlib',
      levels: [31],
      choice: { isOnStandardError: true },
    });
    expect(read('-c -d 31 -F /proc/vmcore')).toMatchObject({ action: 'save', output: '-' });
    expect(read('--dump-dmesg /proc/vmcore dmesg.1')).toMatchObject({
      action: 'log',
      output: 'dmesg.1',
      isPartial: false,
    });
  });

  it('may name several files', () => {
    expect(read('--split -c -d 31 vmcore a b c')).toMatchObject({ action: 'save', parts: ['a', 'b', 'c'] });
    expect(read('--reassemble -f a b whole')).toMatchObject({
      action: 'reassemble',
      parts: ['a', 'b'],
      output: 'whole',
      force: true,
    });
  });

  it('takes the last of options that exclude each other', () => {
    expect(read('-c -z a b')).toMatchObject({ compression: 'zstd' });
    expect(read('-z -c a b')).toMatchObject({ compression: 'zlib' });
    expect(read('-d 1 -d 16 a b')).toMatchObject({ levels: [16] });
  });

  it('takes combined letters, abbreviations, and several levels', () => {
    expect(read('-fcd1,17,31 --dry a b')).toMatchObject({
      force: true,
      isDryRun: true,
      compression: 'zlib',
      levels: [1, 17, 31],
    });
  });

  it.each([
    ['100', 100n],
    ['0x10', 16n],
    ['2k', 2048n],
    ['3M', 3n << 20n],
    ['1E', 1n << 60n],
  ])('limits the size by -L %s', (text, sizeLimit) => {
    expect(read(`-L ${text} a b`)).toMatchObject({ sizeLimit });
  });

  it('adds up what is printed', () => {
    expect(read('--message-level 0 -D a b')).toMatchObject({ choice: { level: 8 } });
    expect(read('--show-stats a b')).toMatchObject({ choice: { level: 23 } });
  });

  it('is only checked by --check-params', () => {
    expect(read('--check-params -l -d 31 vmcore dumpfile')).toEqual({ action: 'checked' });
    expect(read('--check-params -F -l -d 31 vmcore')).toEqual({ action: 'checked' });
    expect(read('--check-params -F -l -d 31 vmcore dumpfile')).toMatchObject({ action: 'mistake' });
  });

  it.each([
    '',
    'vmcore',
    'a b c',
    '-F a b',
    '-R',
    '-R a b',
    '-R -c a',
    '-R -d 1 a',
    'a -',
    '-c -E a b',
    '-x a -i b c d',
    '--partial-dmesg a b',
    '--dry-run --dump-dmesg a b',
    '-d 32 a b',
    '-d x a b',
    '-d 1, a b',
    '-L 0 a b',
    '-L 1Q a b',
    '--message-level 32 a b',
    '--vtop here a b',
    '--split a b',
    '--split -F a b c',
    '--split -E a b c',
    '--split -L 1G a b c',
    '--reassemble a b',
    '--reassemble -c a b c',
    '--reassemble -R a b c',
    '--mem-usage a b',
    '--mem-usage -F a',
    '--bogus a b',
    '-Q a b',
    'a b -d',
  ])('is a mistake: %s', (line) => {
    expect(read(line)).toMatchObject({ action: 'mistake', message: expect.stringMatching(/\w/) });
  });

  it('may ask for the help or the version, whatever else it has', () => {
    expect(read('-h a b c d')).toEqual({ action: 'help' });
    expect(read('-c -v')).toEqual({ action: 'version' });
  });
});

describe('options of makedumpfile', () => {
  const spell = ({ names, letter, argument }: (typeof OPTIONS)[number]): string =>
    `${letter === undefined ? `--${names[0]}` : `-${letter}`}${argument === undefined ? '' : ' 1'}`;
  const withId = (wanted: string): [string, string][] =>
    OPTIONS.filter(({ id }) => id === wanted).map((option) => [spell(option), option.help]);

  it.each(withId('refused'))('are refused by name: %s', (option, why) => {
    const [written] = option.split(' ');
    expect(read(`${option} a b`)).toMatchObject({
      action: 'mistake',
      message: `${written} is refused: ${why}`,
    });
  });

  it.each(withId('idle'))('are named if they have no effect: %s', (option, why) => {
    const [written] = option.split(' ');
    expect(read(`${option} a b`)).toMatchObject({ notes: [`${written} has no effect: ${why}`] });
  });

  it('are those of main() of makedumpfile.c 1.7.6, each once', () => {
    const letters = OPTIONS.flatMap(({ letter, argument }) =>
      letter === undefined ? [] : [letter + (argument === undefined ? '' : ':')],
    );
    expect(letters.sort().join('')).toBe('DEFRXb:cd:efg:hi:lL:pvx:z'.match(/.:?/g)?.sort().join(''));
    const names = OPTIONS.flatMap(({ names, argument }) =>
      names.map((name) => name + (argument === undefined ? '' : '=')),
    );
    expect(names.sort()).toEqual(
      [
        ...[
          'split',
          'reassemble',
          'xen-syms=',
          'xen-vmcoreinfo=',
          'xen_phys_start=',
          'message-level=',
          'vtop=',
        ],
        ...[
          'dump-dmesg',
          'partial-dmesg',
          'config=',
          'help',
          'diskset=',
          'cyclic-buffer=',
          'eppic=',
          'non-mmap',
        ],
        ...[
          'mem-usage',
          'splitblock-size=',
          'work-dir=',
          'num-threads=',
          'check-params',
          'dry-run',
          'show-stats',
        ],
        // Of releases before 1.6.
        'non-cyclic',
      ].sort(),
    );
  });
});
