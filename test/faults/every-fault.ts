import { expect } from 'vitest';
import {
  type Before,
  type Fault,
  findUnsynced,
  OLD,
  runWithFault,
  type WritingCommand,
} from './faulty-runs.js';

/** The name of a file that is not complete and may stay: it is written under a hidden name. */
const TEMPORARY = /^\.kexec-file-\d+-[0-9a-f]{8}\.tmp$/;

/** Files of a save that the next run resumes, and the checksum that a save writes last. */
const RESUMED = /^out\.(incomplete|sha256)$/;

/**
 * Lets each call of a command on its output's folder fail in turn, and checks what is left: the old file or the new one, whole;
 * beside it nothing, or, if the process was killed, one temporary file.
 *
 * @returns how many runs there were
 */
export function tryEveryFault(
  folder: string,
  command: WritingCommand,
  before: Before,
  kinds: readonly Fault[],
): number {
  const whole = runWithFault(folder, command, before);
  expect(whole.status, whole.stderr).toBe(0);
  expect(whole.calls.length).toBeGreaterThan(2);
  expect(findUnsynced(whole.calls)).toEqual([]);
  const old = before === 'old file' ? OLD : undefined;
  let runs = 0;
  for (const kind of kinds) {
    for (let at = 1; at <= whole.calls.length; at += 1) {
      const call = whole.calls[at - 1] ?? '';
      if (kind === 'short' && !call.startsWith('write')) continue;
      const run = runWithFault(folder, command, before, { kind, at });
      const what = `${kind} at ${call}\n${run.stderr}`;
      runs += 1;
      const isNew = whole.output !== undefined && run.output?.equals(whole.output) === true;
      const isOld = run.output === undefined ? old === undefined : old?.equals(run.output) === true;
      expect(isNew || isOld, what).toBe(true);
      const allowed = command.resumes ? RESUMED : /^$/;
      const left = run.others.filter((name) => !allowed.test(name));
      if (kind === 'kill')
        expect(
          left.filter((name) => !TEMPORARY.test(name)),
          what,
        ).toEqual([]);
      else expect(left, what).toEqual([]);
      expect(left.length, what).toBeLessThanOrEqual(1);
      if (kind === 'short') expect([run.status, isNew], what).toEqual([0, true]);
      else if (kind !== 'kill' && run.status !== 0) {
        expect(run.status, what).toBe(1);
        expect(run.stderr, what).toContain(kind);
        expect(run.stderr, what).not.toMatch(/\n\s+at /);
      } else if (kind !== 'kill') expect(isNew, what).toBe(true);
    }
  }
  return runs;
}
