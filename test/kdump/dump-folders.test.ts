import { describe, expect, it } from 'vitest';
import { listSurplusFolders, nameDumpFolder } from '../../src/kdump/dump-folders.js';

const NOW = new Date('2026-11-29T03:32:07.123Z');

describe('the folder of a dump', () => {
  it('has the date and the time in UTC, and a number if there is one already', () => {
    expect(nameDumpFolder(NOW, () => false)).toBe('20261129-033207');
    const taken = ['20261129-033207', '20261129-033207+2'];
    expect(nameDumpFolder(NOW, (name) => taken.includes(name))).toBe('20261129-033207+3');
  });
});

describe('old folders', () => {
  const names = [
    '20261129-033207+10',
    '20261129-033207+2',
    '20261129-033207',
    '20250101-000000',
    'lost+found',
    '2026',
  ];

  it('are those before the newest', () => {
    expect(listSurplusFolders(names, 2)).toEqual(['20250101-000000', '20261129-033207']);
    expect(listSurplusFolders(names, 4)).toEqual([]);
  });

  it('stay if no number is configured, and so does all that is no dump', () => {
    expect(listSurplusFolders(names, 0)).toEqual([]);
    expect(listSurplusFolders(names, 1)).not.toContain('lost+found');
  });
});
