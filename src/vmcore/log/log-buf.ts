import { type BoundedBytes, decodeLatin1 } from '../../base/bytes.js';
import { attempt, KexecError, refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import type { VirtualMemory } from '../address/virtual-memory.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import {
  formatCaller,
  type LogReader,
  type LogRecord,
  readFacilityAndLevel,
  readLogBytes,
} from './log-record.js';

/** LOG_BUF_LEN_MAX, in bytes. */
const MAX_LOG_BYTES = 0x80000000;

/** Sizes and offsets in struct printk_log (struct log before Linux 3.11), in bytes. */
interface Layout {
  readonly size: number;
  readonly time: number;
  readonly length: number;
  readonly textLength: number;
  readonly dictionaryLength: number | undefined;
}

/** `log_buf`, and the offsets in it of the first record and of the next one to be written. */
interface Log {
  readonly start: bigint;
  readonly size: number;
  readonly first: number;
  readonly next: number;
}

/**
 * Reads the log of Linux 3.5 to 5.9: records one after the other in `log_buf`, from `log_first_idx` to `log_next_idx`.
 * A record of length 0 means that the next one is at the start. arm64 kernels never had the log of plain text before
 * that.
 *
 * @throws KexecError if VMCOREINFO lacks a part of the layout, or the log cannot be found.
 */
export function readLogBuf(memory: VirtualMemory, facts: VmcoreinfoFacts): LogReader {
  const layout = readLayout(facts);
  const log = findLog(memory, facts);
  return (onProblem) => readRecords(memory, layout, log, onProblem);
}

function readLayout(facts: VmcoreinfoFacts): Layout {
  const name = facts.lines['SIZE(printk_log)'] === undefined ? 'log' : 'printk_log';
  const layout = {
    size: facts.needSmall(`SIZE(${name})`),
    time: facts.needSmall(`OFFSET(${name}.ts_nsec)`),
    length: facts.needSmall(`OFFSET(${name}.len)`),
    textLength: facts.needSmall(`OFFSET(${name}.text_len)`),
    dictionaryLength: facts.small(`OFFSET(${name}.dict_len)`),
  };
  if (layout.size === 0) refuse('dump-log', 'EINVAL', `VMCOREINFO has SIZE(${name})=0`);
  return layout;
}

function findLog(memory: VirtualMemory, facts: VmcoreinfoFacts): Log {
  const readWord = (name: string): number => memory.readU32(facts.needSymbol(name));
  const size = readWord('log_buf_len');
  if (size > MAX_LOG_BYTES) refuse('dump-log', 'EINVAL', `log_buf has ${formatBytes(size)}`);
  return {
    start: memory.readU64(facts.needSymbol('log_buf')),
    size,
    first: readWord('log_first_idx'),
    next: readWord('log_next_idx'),
  };
}

function* readRecords(
  memory: VirtualMemory,
  layout: Layout,
  { start, size, first, next }: Log,
  onProblem: (problem: string) => void,
): Generator<LogRecord> {
  let hasWrapped = false;
  for (let at = first; at !== next; ) {
    if (at + layout.size > size)
      return onProblem(`a record at ${hex(at)} exceeds the log's ${formatBytes(size)}`);
    if (hasWrapped && at >= first) return onProblem('the log wraps to its first record');
    const address = start + BigInt(at);
    const stored = attempt(() => readStoredRecord(memory, layout, address));
    if (stored instanceof KexecError)
      return onProblem(`the log's record at ${hex(at)} cannot be read: ${stored.seen}`);
    const length = stored.header.u16le(layout.length);
    yield { ...decodeRecord(layout, stored, memory, address), isWrapMark: length === 0 };
    if (length === 0 && hasWrapped) return onProblem('the log wraps to its first record');
    hasWrapped ||= length === 0;
    at = length === 0 ? 0 : at + length;
  }
}

/** A record as it is in memory: the struct, and the text after it. */
interface StoredRecord {
  readonly header: BoundedBytes;
  readonly text: Uint8Array;
}

function readStoredRecord(memory: VirtualMemory, layout: Layout, address: bigint): StoredRecord {
  const header = readLogBytes(memory, address, layout.size);
  const length = header.u16le(layout.textLength);
  return { header, text: readLogBytes(memory, address + BigInt(layout.size), length).bytes };
}

function decodeRecord(
  layout: Layout,
  { header, text }: StoredRecord,
  memory: VirtualMemory,
  address: bigint,
): LogRecord {
  const time = header.u64le(layout.time);
  if (layout.dictionaryLength === undefined) return { time, text };
  const facility = layout.dictionaryLength + 2; // and flags and level
  const caller = facility + 2;
  return {
    time,
    ...(facility + 2 > layout.size ? {} : readFacilityAndLevel(header, facility)),
    // Only with CONFIG_PRINTK_CALLER.
    ...(caller + 4 > layout.size ? {} : { caller: formatCaller(header.u32le(caller)) }),
    ...readDictionary(
      memory,
      address + BigInt(layout.size + text.length),
      header.u16le(layout.dictionaryLength),
    ),
    text,
  };
}

/** Reads SUBSYSTEM=… and DEVICE=…, separated by NULs, from behind the text; nothing if they cannot be read. */
function readDictionary(
  memory: VirtualMemory,
  address: bigint,
  length: number,
): Pick<LogRecord, 'subsystem' | 'device'> {
  if (length === 0) return {};
  const dictionary = attempt(() => readLogBytes(memory, address, length));
  if (dictionary instanceof KexecError) return {};
  const lines = decodeLatin1(dictionary.bytes).split('\0');
  const find = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  const subsystem = find('SUBSYSTEM');
  const device = find('DEVICE');
  return { ...(subsystem === undefined ? {} : { subsystem }), ...(device === undefined ? {} : { device }) };
}
