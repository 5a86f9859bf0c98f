import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildReusedCommandLine,
  findParameterValues,
  joinCommandLine,
  parseCommandLine,
} from '../../src/machine/command-line.js';

const namesOf = (line: string): string[] => parseCommandLine(line).map(({ name }) => name);
const textsOf = (line: string): string[] => parseCommandLine(line).map(({ text }) => text);

/** What Debian, Fedora and a Raspberry Pi boot with. */
const REAL = [
  'BOOT_IMAGE=/boot/vmlinuz-6.1.0-56-arm64 root=UUID=9e5b0c43-0d1c-4f5a-8a9c-7e1d7d0b2a11 ro quiet',
  'BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.12.8 root=/dev/mapper/fedora-root crashkernel=2G-64G:256M,64G-:512M rhgb',
  'coherent_pool=1M 8250.nr_uarts=0 console=ttyAMA10,115200 dyndbg="file kexec_file.c +p; file x.c +p" rootwait',
];

describe('parseCommandLine', () => {
  it.each([
    ['a b=c', ['a', 'b']],
    ['  a\t\nb ', ['a', 'b']],
    ['foo="a b" c', ['foo', 'c']],
    ['"foo=a b" c', ['foo', 'c']],
    ['"foo bar" c', ['foo bar', 'c']],
    ['a"b c"d e', ['a"b c"d', 'e']],
    ['a=b"c d"e=f g', ['a', 'g']],
    // No backslash escapes a quote.
    ['foo="a\\" b" c', ['foo', 'b" c']],
    ['foo="a b', ['foo']],
    ['=a=b c', ['=a', 'c']],
    ['" "" ', [' "" ']],
    ['""', ['']],
    ['', []],
  ])('takes %j apart', (line, names) => {
    expect(namesOf(line)).toEqual(names);
  });

  it('knows what is not closed', () => {
    expect(parseCommandLine('a="b" c="d e').map(({ isOpen }) => isOpen)).toEqual([false, true]);
  });

  it('takes a line of any length in one pass', () => {
    const line = `a="${'b '.repeat(1_000_000)}`;
    expect(namesOf(line)).toEqual(['a']);
    expect(namesOf('"" '.repeat(100_000))).toHaveLength(100_000);
  });
});

describe('findParameterValues', () => {
  it.each([
    ['lockdown=integrity quiet lockdown=confidentiality', 'lockdown', ['integrity', 'confidentiality']],
    ['a="b c" "a=d e"', 'a', ['b c', 'd e']],
    ['ima-policy=tcb ima_policy="secure_boot|tcb"', 'ima_policy', ['tcb', 'secure_boot|tcb']],
    ['irqpoll', 'irqpoll', ['']],
    ['a=b=c', 'a', ['b=c']],
    ['a=x -- a=y', 'a', ['x']],
    ['ab=1 b=2', 'a', []],
  ])('in %j, of %s', (line, name, values) => {
    expect(findParameterValues(line, name)).toEqual(values);
  });
});

/** A parameter that is made by its grammar, and so known without being parsed. */
const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.,:/-]{0,8}$/);
const phrase = fc.stringMatching(/^[A-Za-z0-9 \t=_.-]{0,12}$/);
const names = fc.oneof(word, fc.constantFrom('BOOT_IMAGE', 'crashkernel', 'BOOT_IMAGE2', 'crashkernels'));
const parameter = fc.oneof(
  names.map((name) => ({ name, value: undefined, text: name })),
  fc.tuple(names, word).map(([name, value]) => ({ name, value, text: `${name}=${value}` })),
  fc.tuple(names, phrase).map(([name, value]) => ({ name, value, text: `${name}="${value}"` })),
  fc.tuple(names, phrase).map(([name, value]) => ({ name, value, text: `"${name}=${value}"` })),
  fc
    .tuple(names, word, phrase)
    .map(([name, value, more]) => ({ name, value: `${value}"${more}"`, text: `${name}=${value}"${more}"` })),
);
const gap = fc.stringMatching(/^[ \t\n]{1,3}$/);
const line = fc
  .tuple(fc.array(fc.tuple(parameter, gap)), fc.oneof(gap, fc.constant('')))
  .map(([parts, before]) => ({
    parameters: parts.map(([made]) => made),
    text: before + parts.map(([{ text }, after]) => text + after).join(''),
  }));

describe('a command line that was made of parameters', () => {
  it('is taken apart into them', () => {
    fc.assert(
      fc.property(line, ({ parameters, text }) => {
        expect(parseCommandLine(text)).toEqual(parameters.map((made) => ({ ...made, isOpen: false })));
      }),
    );
  });

  it('is reused without what is dropped, the rest as it was and in its order', () => {
    fc.assert(
      fc.property(line, fc.boolean(), ({ parameters, text }, panic) => {
        const kept = parameters.filter(
          ({ name }) => name !== 'BOOT_IMAGE' && !(panic && name === 'crashkernel'),
        );
        const reused = buildReusedCommandLine(text, { panic });
        expect(reused).toBe(kept.map(({ text: written }) => written).join(' '));
        expect(buildReusedCommandLine(reused, { panic })).toBe(reused);
      }),
    );
  });

  it('is joined to another: all parameters, in order', () => {
    fc.assert(
      fc.property(line, line, (a, b) => {
        const texts = [...a.parameters, ...b.parameters].map(({ text }) => text);
        expect(textsOf(joinCommandLine(a.text, b.text))).toEqual(texts);
      }),
    );
  });
});

describe('any text', () => {
  const anyText = fc.oneof(fc.string(), fc.stringMatching(/^[ab"= -]{0,20}$/));

  it('loses nothing but white space between parameters', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parameters = parseCommandLine(text);
        let at = 0;
        for (const parameter of parameters) {
          const found = text.indexOf(parameter.text, at);
          expect(text.slice(at, found)).toMatch(/^[ \t\n\v\f\r]*$/);
          at = found + parameter.text.length;
        }
        expect(text.slice(at)).toMatch(/^[ \t\n\v\f\r]*$/);
        expect(parseCommandLine(textsOf(text).join(' '))).toEqual(parameters);
      }),
    );
  });

  it('is joined so that the kernel still sees what is appended, or refused', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if (parseCommandLine(text).some(({ isOpen }) => isOpen)) {
          const refusal = expect.objectContaining({ check: 'command-line', errno: 'EINVAL' });
          expect(() => joinCommandLine(text, 'quiet')).toThrow(refusal);
          return;
        }
        const joined = parseCommandLine(joinCommandLine(text, 'quiet'));
        // A `--` with a value is a parameter like others.
        const end = joined.findIndex(({ name, text: whole }) => name === '--' && !whole.includes('='));
        const kernels = end < 0 ? joined : joined.slice(0, end);
        expect(kernels.map(({ name }) => name)).toContain('quiet');
      }),
    );
  });
});

describe('buildReusedCommandLine', () => {
  it('drops BOOT_IMAGE, and crashkernel for a crash kernel only', () => {
    const [debian = '', fedora = '', pi = ''] = REAL;
    expect(buildReusedCommandLine(debian, { panic: true })).toBe(
      'root=UUID=9e5b0c43-0d1c-4f5a-8a9c-7e1d7d0b2a11 ro quiet',
    );
    expect(buildReusedCommandLine(`${fedora}\n`, { panic: false })).toBe(
      'root=/dev/mapper/fedora-root crashkernel=2G-64G:256M,64G-:512M rhgb',
    );
    expect(buildReusedCommandLine(fedora, { panic: true })).toBe('root=/dev/mapper/fedora-root rhgb');
    expect(buildReusedCommandLine(pi, { panic: true })).toBe(pi);
  });

  it('drops every one of several, and none that only begins like one', () => {
    const running =
      'crashkernel=1G,high a crashkernel=128M,low crashkernel_x=1 BOOT_IMAGES=2 -- crashkernel=1M';
    expect(buildReusedCommandLine(running, { panic: true })).toBe('a crashkernel_x=1 BOOT_IMAGES=2 --');
  });

  it('leaves alone what stands within quotes', () => {
    const running = 'note="BOOT_IMAGE=1 crashkernel=1G" "crashkernel=512M" a';
    expect(buildReusedCommandLine(running, { panic: true })).toBe('note="BOOT_IMAGE=1 crashkernel=1G" a');
  });
});

describe('joinCommandLine', () => {
  it.each([
    ['a b', 'c', 'a b c'],
    ['', 'c', 'c'],
    ['a', '', 'a'],
    ['', '', ''],
    ['a -- splash', 'b', 'a b -- splash'],
    ['a -- x', 'b -- y', 'a b -- x y'],
    ['a --', 'b', 'a b'],
    ['a --=x', 'b', 'a --=x b'],
    ['a="b c', '', 'a="b c'],
  ])('joins %j and %j', (reused, appended, joined) => {
    expect(joinCommandLine(reused, appended)).toBe(joined);
  });
});
