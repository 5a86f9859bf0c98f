/** The output of scripts that print a line `== NAME` before each step, and `ended with STATUS` after it. */
import { expect } from 'vitest';
import { parseReports } from '../support/json-reports.js';

/** Defines `step NAME COMMAND…` for a script. */
export const STEP = 'step() { echo "== $1"; shift; "$@"; echo "ended with $?"; }';

/** Splits the output of a script at lines `== NAME`, by name. */
export function steps(output: string): ReadonlyMap<string, string> {
  const parts = output.split(/^== /m).slice(1);
  return new Map(
    parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
  );
}

/** Finds the refusals in the output of a script's steps, by step: `ERRNO (check): what was seen`. */
export function refusals(said: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    [...said].flatMap(([name, text]) => {
      const [, head, seen] = /^refused: (.*)\n {2}seen {2}(.*)$/m.exec(text) ?? [];
      return head === undefined ? [] : [[name, `${head}: ${seen}`]];
    }),
  );
}

/** The report that a step printed, which succeeded. */
export function reportOf(said = ''): object | undefined {
  expect(said).toContain('ended with 0\n');
  const lines = said.replace('ended with 0\n', '');
  return parseReports(lines.slice(lines.indexOf('{')))[0];
}
