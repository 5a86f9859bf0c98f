import { expect, it } from 'vitest';
import { formatVerdictNotes } from '../../../src/view/text/verdict-text.js';

it('notes and warnings below a verdict hang behind their words', () => {
  const warnings = ['Authenticode, 1472 bytes: the kernel will never look at this signature'];
  expect(formatVerdictNotes({ notes: ['one'], warnings }, { columns: 80 }).split('\n')).toEqual([
    '  note: one',
    '  warning: Authenticode, 1472 bytes: the kernel will never look at this',
    '           signature',
  ]);
  expect(formatVerdictNotes({ notes: [], warnings: [] })).toBe('');
});
