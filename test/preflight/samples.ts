import { CHECKS } from '../../src/base/checks.js';
import { GIB, MIB } from '../../src/base/u64.js';
import type { Outcome, PreflightRow, Refusal } from '../../src/preflight/preflight-machine.js';

export const LOADS: Extract<Outcome, { verdict: 'loads' }> = {
  verdict: 'loads',
  entry: 0x4020_0000n,
  segments: [
    { name: 'kernel', mem: 0x4020_0000n, memsz: 27n * MIB, bufsz: 26 * 1024 * 1024 },
    { name: 'dtb', mem: 0x7fe0_0000n, memsz: 0x4000n, bufsz: 0x3f00 },
  ],
};

export const NO_HOLE: Refusal = {
  errno: 'EADDRNOTAVAIL',
  check: 'segment-hole',
  detail: 'no hole for kernel\u001b[31m',
};
export const NO_FILE: Refusal = { errno: 'ENOENT', check: 'file-access', detail: 'cannot read x.json' };
export const REFUSED: Outcome = { verdict: 'refused', refusal: NO_HOLE };

export const HOLE_RULE = CHECKS['segment-hole'].rule;

/** The row of a machine with 1 GiB, and with a crash region if there is an outcome for it. */
export function buildRow(machine: string, outcome: Outcome, crash?: Outcome): PreflightRow {
  return {
    file: `${machine}.json`,
    machine,
    ram: GIB,
    pageSize: 4096,
    crashRegion: crash && { start: GIB, end: GIB + 256n * MIB },
    outcome,
    crash,
  };
}

export const UNREADABLE: PreflightRow = { file: 'x.json', unreadable: NO_FILE };
