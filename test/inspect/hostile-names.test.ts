/** Names in files that a terminal would obey: what inspect prints of them, as text and as JSON. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attemptAsync, KexecError } from '../../src/base/error.js';
import { inspect } from '../../src/inspect/inspect-file.js';
import { formatJson } from '../../src/view/json/format-json.js';
import { buildInspectedJson } from '../../src/view/json/inspected-json.js';
import { formatInspected } from '../../src/view/text/inspected-text.js';
import { formatRefusal } from '../../src/view/text/trail-text.js';
import { HOSTILE_FILES } from '../support/hostile-files.js';

const UNSHOWN = /[^\P{Cc}\n]|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}|\u034f|\u3164/u;

async function show(file: Uint8Array): Promise<string[]> {
  const inspected = await attemptAsync(() => inspect(file));
  if (inspected instanceof KexecError) return [formatRefusal(inspected)];
  return [formatInspected('file', inspected), formatJson(buildInspectedJson('file', inspected), 'lines')];
}

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001b[2J',
        '\n',
        '\r',
        '\t',
        '\u009b',
        '\u202e',
        '\u2066',
        '\u200b',
        '\u2028',
        '\ud800',
        ' ',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('inspect shows names escaped and shortened', () => {
  it.each(Object.entries(HOSTILE_FILES))('%s', async (_, build) => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        for (const shown of await show(build(text))) expect(shown).not.toMatch(UNSHOWN);
      }),
      { numRuns: 40 },
    );
    const [text = ''] = await show(build('x'.repeat(4000)));
    expect(text).not.toMatch(/x{201}/);
  });
});
