import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { isLoadedByOthers, markLoaded, removeMark } from '../../../src/node/live/loaded-mark.js';

const state = mkdtempSync(join(tmpdir(), 'mark-'));
const mark = join(state, 'run/loaded');
afterAll(() => rmSync(state, { recursive: true }));

it('knows a kernel that the service loaded from one that somebody else did', () => {
  writeFileSync(join(state, 'kexec_loaded'), '0\n');
  expect(isLoadedByOthers({ mark, state })).toBe(false);
  writeFileSync(join(state, 'kexec_loaded'), '1\n');
  expect(isLoadedByOthers({ mark, state })).toBe(true);
  markLoaded(mark);
  expect(isLoadedByOthers({ mark, state })).toBe(false);
  removeMark(mark);
  removeMark(mark);
  expect(isLoadedByOthers({ mark, state })).toBe(true);
});
