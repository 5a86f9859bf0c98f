import { describe, expect, it } from 'vitest';
import { findColumns, usesColor } from '../../../src/cli/terminal/screen.js';

const TERMINAL = { isTTY: true, columns: 100 };
const PIPE = {};

describe('usesColor', () => {
  it.each([
    ['a terminal', TERMINAL, {}, 'auto', true],
    ['a pipe', PIPE, {}, 'auto', false],
    ['NO_COLOR', TERMINAL, { NO_COLOR: '1' }, 'auto', false],
    ['an empty NO_COLOR', TERMINAL, { NO_COLOR: '' }, 'auto', true],
    ['FORCE_COLOR', PIPE, { FORCE_COLOR: '1' }, 'auto', true],
    ['an empty FORCE_COLOR', PIPE, { FORCE_COLOR: '' }, 'auto', true],
    ['FORCE_COLOR=0', TERMINAL, { FORCE_COLOR: '0' }, 'auto', false],
    ['NO_COLOR and FORCE_COLOR', TERMINAL, { NO_COLOR: '1', FORCE_COLOR: '1' }, 'auto', false],
    ['TERM=dumb', TERMINAL, { TERM: 'dumb' }, 'auto', false],
    ['TERM=dumb with FORCE_COLOR', TERMINAL, { TERM: 'dumb', FORCE_COLOR: '1' }, 'auto', true],
    ['--color always', PIPE, { NO_COLOR: '1', TERM: 'dumb' }, 'always', true],
    ['--color never', TERMINAL, { FORCE_COLOR: '1' }, 'never', false],
  ] as const)('%s', (_, stream, env, choice, expected) => {
    expect(usesColor(stream, env, choice)).toBe(expected);
  });
});

describe('findColumns', () => {
  it.each([
    [100, undefined, 100],
    [300, undefined, 120],
    [300, '1000', 120],
    [10, undefined, 40],
    [0, undefined, undefined],
    [undefined, '', undefined],
    [undefined, 'wide', undefined],
    [undefined, '1000', 1000],
    [undefined, '10', 40],
  ])('a terminal of %s, COLUMNS %s', (columns, COLUMNS, expected) => {
    expect(findColumns({ columns }, { COLUMNS })).toBe(expected);
  });
});
