import { CHECKS } from '../base/checks.js';
import { hex } from '../base/u64.js';
import type { Outcome, PreflightRow, Refusal } from './preflight-machine.js';
import type { PreflightSummary } from './tally.js';

/** A machine's row as `preflight --json` prints it, on a line of its own. Addresses and sizes are "0x…". */
export function buildPreflightRowJson(row: PreflightRow): object {
  if (row.outcome === undefined) {
    return { file: row.file, verdict: 'unreadable', refusal: refusalJson(row.unreadable) };
  }
  const { file, machine, ram, pageSize, crashRegion, outcome, crash } = row;
  return {
    file,
    machine,
    ...outcomeJson(outcome),
    ram: hex(ram),
    pageSize,
    ...(crashRegion && { crashRegion: { start: hex(crashRegion.start), end: hex(crashRegion.end) } }),
    ...(crash && { crash: outcomeJson(crash) }),
  };
}

/** The last line: how many, and why not. */
export function buildPreflightSummaryJson(kernel: string, summary: PreflightSummary): object {
  return { summary: { kernel, ...summary } };
}

function outcomeJson(outcome: Outcome): object {
  if (outcome.verdict === 'refused')
    return { verdict: outcome.verdict, refusal: refusalJson(outcome.refusal) };
  const { verdict, entry, segments } = outcome;
  return {
    verdict,
    entry: hex(entry),
    segments: segments.map(({ name, mem, memsz, bufsz }) => ({
      name,
      mem: hex(mem),
      memsz: hex(memsz),
      bufsz: hex(bufsz),
    })),
  };
}

function refusalJson({ errno, check, detail }: Refusal): object {
  return { errno, check, detail, rule: CHECKS[check].rule };
}
