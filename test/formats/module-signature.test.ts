import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildModuleSignature,
  hasModuleSignature,
  parseModuleSignature,
} from '../../src/formats/module-signature.js';
import { catchRefusal, flipEachBit } from '../support/hostile.js';

const ascii = (text: string) => new TextEncoder().encode(text);
const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

const MARKER = ascii('~Module signature appended~\n');
const CONTENT = ascii('content');
const SIGNATURE = ascii('signature');
const FILE = joined(CONTENT, buildModuleSignature(SIGNATURE));
const INFO = CONTENT.length + SIGNATURE.length;

/** The file with one byte of the 12 before the marker changed. */
function withInfo(offset: number, value: number): Uint8Array {
  const changed = new Uint8Array(FILE);
  changed[INFO + offset] = value;
  return changed;
}

describe('an appended signature', () => {
  it('has the form that include/linux/module_signature.h gives it', () => {
    const info = Uint8Array.of(0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, SIGNATURE.length);
    expect(buildModuleSignature(SIGNATURE)).toEqual(joined(SIGNATURE, info, MARKER));
  });

  it('is parsed as it was built, sharing memory', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.uint8Array({ maxLength: 3000 }),
        (content, signature) => {
          const file = joined(content, buildModuleSignature(signature));
          const parsed = parseModuleSignature(file);
          expect(parsed).toEqual({ content, signature });
          expect(parsed?.content.buffer).toBe(file.buffer);
        },
      ),
    );
  });
  it('is the last one of several', () => {
    const twice = joined(FILE, buildModuleSignature(ascii('second')));
    expect(parseModuleSignature(twice)).toEqual({ content: FILE, signature: ascii('second') });
  });
});

describe('parseModuleSignature', () => {
  it.each<[string, Uint8Array]>([
    ['an empty file', new Uint8Array()],
    ['a file without marker', joined(CONTENT, new Uint8Array(100))],
    ['a marker that is not at the end', joined(FILE, ascii('\n'))],
    ['a marker alone', MARKER],
    ['a marker with nothing but 12 bytes before it', joined(new Uint8Array(12), MARKER)],
    ['a marker cut short', FILE.subarray(0, -1)],
  ])('finds none in %s', (_, file) => {
    expect(parseModuleSignature(file)).toBeUndefined();
    expect(hasModuleSignature(file)).toBe(false);
  });

  it.each<[string, string, Uint8Array]>([
    ['a length that leaves no content', 'EBADMSG', withInfo(11, INFO)],
    ['a length beyond the file', 'EBADMSG', withInfo(8, 0xff)],
    ['13 bytes before the marker that tell of one', 'EBADMSG', withInfo(11, 1).subarray(INFO - 1)],
    ['OpenPGP', 'ENOPKG', withInfo(2, 0)],
    ['X.509', 'ENOPKG', withInfo(2, 1)],
    ['a wrong type before an unused field that is not 0', 'ENOPKG', joinedInfo([1, 0, 3])],
    ['an algorithm', 'EBADMSG', withInfo(0, 1)],
    ['a digest', 'EBADMSG', withInfo(1, 1)],
    ["a signer's name", 'EBADMSG', withInfo(3, 1)],
    ['a key identifier', 'EBADMSG', withInfo(4, 1)],
    ['padding that is not 0', 'EBADMSG', withInfo(7, 1)],
  ])('refuses %s with %s', (_, errno, file) => {
    expect(hasModuleSignature(file)).toBe(true);
    expect(catchRefusal(() => parseModuleSignature(file))).toMatchObject({
      check: 'module-signature',
      errno,
    });
  });

  it('leaves one byte of content, as the kernel does, and a signature of no bytes', () => {
    expect(parseModuleSignature(withInfo(11, INFO - 1))?.content).toHaveLength(1);
    expect(parseModuleSignature(withInfo(11, 0))?.signature).toHaveLength(0);
  });

  it('returns a value or refuses with any bit flipped', () => {
    const outcomes = new Set<string>();
    for (const file of flipEachBit(FILE, FILE.length)) {
      const refusal = catchRefusal(() => outcomes.add(parseModuleSignature(file) ? 'value' : 'none'));
      if (refusal !== undefined) outcomes.add(refusal.errno);
    }
    expect([...outcomes].sort()).toEqual(['EBADMSG', 'ENOPKG', 'none', 'value']);
  });
});

function joinedInfo(start: readonly number[]): Uint8Array {
  return start.reduce((file, value, offset) => {
    file[INFO + offset] = value;
    return file;
  }, new Uint8Array(FILE));
}
