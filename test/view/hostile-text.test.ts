import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeField } from '../../src/base/escape-field.js';
import { VIEWS } from './view-samples.js';

/** What terminals, editors and browsers obey or hide, from every class of Unicode that has such characters. */
const HOSTILE = [
  '\u001b[2K\u001b[G\u001b[32mok\u001b[0m',
  '\u001b]0;title\u0007',
  '\u009b2J',
  '\nvmlinuz: ok, signed by Good Vendor\n',
  '\r',
  '\t',
  '\u0000\u007f\u0085\u2028\u2029',
  '\u202e\u202a\u2066\u2069\u200e\u200f\u061c',
  '\u200b\u200d\u2060\ufeff\u00ad\u034f\u3164\u180e',
  '\u{e0041}\u{1d173}\ud800\udc00',
  '\ud83d',
  '\udc00',
  '\uffff',
];

const anyHostile = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 8 })), { minLength: 1 })
  .map((parts) => parts.join(''));

/** Short enough to be shown whole: what is shortened depends on whether it was escaped before. */
const shortHostile = anyHostile.filter((text) => escapeField(text).length <= 150);

const longHostile = fc
  .array(fc.oneof(anyHostile, fc.constant(' ')), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('').repeat(4000).slice(0, 4000));

/** Line feeds and the colours of picocolors: what views themselves print. */
const ESCAPE = '\u001b';
const OWN = new RegExp(`\n|${ESCAPE}\\[\\d+m`, 'gu');

const UNSHOWN = /\p{Cc}|\p{Cf}|\p{Cs}|\u2028|\u2029|\u034f|\u3164/u;

/** What programs read has names whole. */
const DATA = ['formatJson', 'buildPreflightSarif'];

/** Views in which text is escaped in another way than in lines. */
const MARKUP = [
  'formatJson',
  'drawMemoryMap',
  'formatPlanPage',
  'buildPreflightJunit',
  'buildPreflightSarif',
  'formatCsvRow',
];

describe('views', () => {
  it.each(Object.entries(VIEWS))('%s prints no character of a text that a terminal obeys', (name, view) => {
    fc.assert(
      fc.property(shortHostile, (text) => {
        const shown = view(text);
        expect(shown.replaceAll(OWN, '')).not.toMatch(UNSHOWN);
        const harmless = view(escapeField(text));
        expect(shown.split('\n').length).toBe(harmless.split('\n').length);
        // So the text adds no colour, either.
        if (!MARKUP.includes(name)) expect(shown === harmless).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it.each(Object.entries(VIEWS).filter(([name]) => !DATA.includes(name)))(
    '%s shortens a text of 4,000 characters',
    (_, view) => {
      fc.assert(
        fc.property(longHostile, (text) => {
          const shown = view(text);
          expect(shown.replaceAll(OWN, '')).not.toMatch(UNSHOWN);
        }),
        { numRuns: 5 },
      );
      expect(view('x'.repeat(4000))).not.toMatch(/x{200}/);
    },
  );

  it('all have a sample', () => {
    const files = readdirSync('src/view/text').map((name) => `src/view/text/${name}`);
    const sources = [
      ...files,
      'src/preflight/preflight-text.ts',
      'src/preflight/compare/change-text.ts',
      'src/view/memory-map/map-text.ts',
    ];
    const names = sources.flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/^export const (\w+): View</gm)].map(([, name]) => name),
    );
    expect(names).toContain('formatTrail');
    expect(Object.keys(VIEWS)).toEqual(
      expect.arrayContaining(
        names.filter((name) => !/^format(Preflight|Change)Heading$/.test(name as string)),
      ),
    );
  });
});
