import { hex } from '../../base/u64.js';
import { escapeText } from '../../vmcore/log/dmesg.js';
import type { LogRecord } from '../../vmcore/log/log-record.js';
import type { Saved } from '../../vmcore/save/dump-target.js';
import type { CpuState } from '../../vmcore/summary/cpu-states.js';
import type { VmcoreSummary } from '../../vmcore/summary/vmcore-summary.js';
import { buildRangeJson } from './memory-json.js';
import type { Report } from './schemas/report-schemas.js';

/** What `vmcore info --json` prints. Addresses and registers are "0x…", times are seconds. */
export function buildVmcoreInfoJson({ cpus, memory, ...info }: VmcoreSummary): Report<'vmcore-info'> {
  return {
    ...info,
    cpus: cpus.map((cpu) => ({ index: cpu.index, pid: cpu.pid, ...buildRegistersJson(cpu) })),
    memory: memory.map((range) => ({ ...buildRangeJson(range), present: hex(range.present) })),
  };
}

function buildRegistersJson({ registers }: CpuState): Record<string, string> {
  return Object.fromEntries(Object.entries(registers).map(([name, value]) => [name, hex(value)]));
}

/**
 * What `vmcore dmesg --json` prints for a record. The text is escaped as `vmcore dmesg` escapes it. The time, in
 * seconds, is a string with nine decimal places, so that no digit is lost.
 */
export function buildLogRecordJson({
  sequence,
  time,
  text,
  isWrapMark: _,
  ...rest
}: LogRecord): Report<'vmcore-dmesg'> {
  const seconds = `${time / 1_000_000_000n}.${(time % 1_000_000_000n).toString().padStart(9, '0')}`;
  return {
    ...(sequence === undefined ? {} : { sequence: sequence.toString() }),
    time: seconds,
    ...rest,
    text: escapeText(text),
  };
}

/** A saved dump: the file, and what is in it. */
export interface SavedDumpFacts extends Saved {
  readonly path: string;
  /** Undefined if no checksum was wanted. */
  readonly sha256: string | undefined;
  readonly problems: readonly string[];
}

/** What `vmcore save --json` prints. Sizes are bytes. */
export function buildSavedDumpJson(saved: SavedDumpFacts): Report<'vmcore-save'> {
  return { ...saved, size: Number(saved.size), resumedAt: Number(saved.resumedAt) };
}
