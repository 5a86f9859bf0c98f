import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tryEveryFault } from './every-fault.js';
import type { Fault } from './faulty-runs.js';
import { prepareCommands } from './writing-commands.js';

/** For what hangs, in milliseconds: a test starts the command up to 100 times. */
const TIME_LIMIT = 300_000;

/** The tests of each command with these faults, over no file and over an old one. */
export function describeFaults(kinds: readonly Fault[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-faults-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const commands = prepareCommands(folder);
  describe.each(['nothing', 'old file'] as const)('over %s', (before) => {
    it.each(Object.entries(commands))(
      '%s',
      (_, command) => {
        expect(tryEveryFault(folder, command, before, kinds)).toBeGreaterThan(0);
      },
      TIME_LIMIT,
    );
  });
}
