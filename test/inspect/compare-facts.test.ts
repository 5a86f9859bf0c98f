import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFacts } from '../../src/inspect/compare-facts.js';
import type { Facts } from '../../src/inspect/facts.js';
import { inspectMachine } from '../../src/inspect/inspect-machine.js';
import { describeChanges, formatChanged, nameChange } from '../../src/view/text/comparison-text.js';
import { buildMachine, GIB } from '../support/machine.js';

/** The changes as lines. */
function list(before: Facts, after: Facts): string[] {
  return compareFacts(before, after).map(
    (change) =>
      `${nameChange(change)}: ${formatChanged(change, change.before)} → ${formatChanged(change, change.after)}`,
  );
}

const single = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const { facts } = fc.letrec<{ facts: Facts; fact: Facts[string] }>((tie) => ({
  facts: fc.dictionary(fc.string({ maxLength: 3 }), tie('fact'), { maxKeys: 4 }),
  fact: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    single,
    fc.array(fc.string(), { maxLength: 3 }),
    fc.array(tie('facts'), { maxLength: 3 }),
    tie('facts'),
  ),
}));

describe('compareFacts', () => {
  it('finds what is added, removed and changed, however deep', () => {
    const before = { release: '6.1', size: 1024, gone: true, pe: { checkSum: '0x1', subsystem: 10 } };
    const after = { release: '6.12', size: 2048, pe: { checkSum: '0x2', subsystem: 10 }, fresh: 1 };
    expect(list({}, { constructor: 'x' })).toEqual(['constructor: none → x']);
    expect(list(before, after)).toEqual([
      'release: 6.1 → 6.12',
      'size: 1 KiB (0x400) → 2 KiB (0x800)',
      'pe.checkSum: 0x1 → 0x2',
      'fresh: none → 1',
      'gone: true → none',
    ]);
  });

  it('compares lists of groups by their names, and other lists as sets', () => {
    const before = { sections: [{ name: '.text', size: 1 }, { name: '.old' }], memory: ['a', 'b', 'b'] };
    const after = { sections: [{ name: '.text', size: 2 }], memory: ['b', 'c'] };
    expect(compareFacts(before, after).map(({ path, ...values }) => [path.join('.'), values])).toEqual([
      ['sections..text.size', { before: 1, after: 2 }],
      ['memory', { before: undefined, after: 'c' }],
      ['memory', { before: 'a', after: undefined }],
      ['memory', { before: 'b', after: undefined }],
    ]);
  });

  it('finds nothing between equal facts, and the same the other way round', () => {
    fc.assert(
      fc.property(facts, facts, (some, other) => {
        expect(compareFacts(some, structuredClone(some))).toEqual([]);
        expect(compareFacts(some, other)).toHaveLength(compareFacts(other, some).length);
      }),
    );
  });
});

describe('describeChanges', () => {
  it('names the facts that decide a load, and counts the others', () => {
    const small = inspectMachine(buildMachine({ name: 'small' }));
    const large = inspectMachine(
      buildMachine({ name: 'large', commandLine: 'quiet', memory: [{ start: 0n, end: 8n * GIB }] }),
    );
    const sentences = describeChanges(compareFacts(small, large), ['a.json', 'b.json']);
    expect(sentences).toEqual([
      expect.stringMatching(/^The RAM is .* in a\.json, and 8 GiB .* in b\.json\.$/),
      expect.stringMatching(/^The memory map is 0x.* in a\.json, and 0x0\.\.0x200000000 in b\.json\.$/),
      expect.stringMatching(/^The command line is .* in a\.json, and quiet in b\.json\.$/),
      '1 other fact differs.',
    ]);
  });

  it('escapes what comes out of files', () => {
    const changes = compareFacts({ release: '6.1' }, { release: '\u001b[2J' });
    const [sentence] = describeChanges(changes, ['a', 'b\n']);
    expect(sentence).not.toContain('\u001b');
    expect(sentence).not.toContain('\n');
    expect(describeChanges([], ['a', 'b\n'])[0]).not.toContain('\n');
  });
});
