import { BoundedBytes, decodeLatin1 } from '../../base/bytes.js';
import { KexecError, refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { VirtualMemory } from '../address/virtual-memory.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import { formatCaller, type LogReader, type LogRecord, readFacilityAndLevel } from './log-record.js';

/** LOG_BUF_LEN_MAX. */
const SIZE_LIMIT = 0x80000000;

/** Where the fields of struct printk_log (or of struct log, its name before 3.11) are, in bytes. */
interface Layout {
  readonly size: number;
  readonly time: number;
  readonly length: number;
  readonly textLength: number;
  readonly dictionaryLength: number | undefined;
}

/** `log_buf`, and where in it the first record is and the next would be. */
interface Log {
  readonly start: bigint;
  readonly size: number;
  readonly first: number;
  readonly next: number;
}

/**
 * Reads the log of Linux 3.5 to 5.9: records one behind the other in `log_buf`, from `log_first_idx` to `log_next_idx`; a
 * record of no length says that the next is at the start. arm64 kernels never had the log of bare text before that.
 *
 * @throws KexecError if VMCOREINFO lacks something of the layout, or the log cannot be found.
 */
export function readLogBuf(memory: VirtualMemory, facts: VmcoreinfoFacts): LogReader {
  const layout = layoutOf(facts);
  const log = findLog(memory, facts);
  return (problem) => records(memory, layout, log, problem);
}

function layoutOf(facts: VmcoreinfoFacts): Layout {
  const name = facts.lines['SIZE(printk_log)'] === undefined ? 'log' : 'printk_log';
  const layout = {
    size: facts.needSmall(`SIZE(${name})`),
    time: facts.needSmall(`OFFSET(${name}.ts_nsec)`),
    length: facts.needSmall(`OFFSET(${name}.len)`),
    textLength: facts.needSmall(`OFFSET(${name}.text_len)`),
    dictionaryLength: facts.small(`OFFSET(${name}.dict_len)`),
  };
  if (layout.size === 0) refuse('dump-log', 'EINVAL', 'VMCOREINFO has records of no size');
  return layout;
}

function findLog(memory: VirtualMemory, facts: VmcoreinfoFacts): Log {
  const word = (name: string): number => bounded(memory.read(facts.needSymbol(name), 4)).u32le(0);
  const size = word('log_buf_len');
  if (size > SIZE_LIMIT) refuse('dump-log', 'EINVAL', `log_buf has ${hex(size)} bytes`);
  return {
    start: bounded(memory.read(facts.needSymbol('log_buf'), 8)).u64le(0),
    size,
    first: word('log_first_idx'),
    next: word('log_next_idx'),
  };
}

function* records(
  memory: VirtualMemory,
  layout: Layout,
  { start, size, first, next }: Log,
  problem: (what: string) => void,
): Generator<LogRecord> {
  let hasWrapped = false;
  for (let at = first; at !== next; ) {
    if (at + layout.size > size) return problem(`a record at ${hex(at)} leaves the log's ${hex(size)} bytes`);
    if (hasWrapped && at >= first) return problem('the log comes round to where it began');
    let record: BoundedBytes;
    let text: Uint8Array;
    try {
      record = bounded(memory.read(BigInt.asUintN(64, start + BigInt(at)), layout.size));
      text = memory.read(
        BigInt.asUintN(64, start + BigInt(at + layout.size)),
        record.u16le(layout.textLength),
      );
    } catch (error) {
      if (!(error instanceof KexecError)) throw error;
      return problem(`the record at ${hex(at)} of the log cannot be read: ${error.seen}`);
    }
    const length = record.u16le(layout.length);
    yield { ...fields(layout, record, text, memory, start + BigInt(at)), isWrapMark: length === 0 };
    if (length === 0 && hasWrapped) return problem('the log comes round to where it began');
    hasWrapped ||= length === 0;
    at = length === 0 ? 0 : at + length;
  }
}

function fields(
  layout: Layout,
  record: BoundedBytes,
  text: Uint8Array,
  memory: VirtualMemory,
  address: bigint,
): LogRecord {
  const time = record.u64le(layout.time);
  if (layout.dictionaryLength === undefined) return { time, text };
  const behind = layout.dictionaryLength + 2; // facility, flags and level
  const caller = behind + 2;
  return {
    time,
    ...(behind + 2 > layout.size ? {} : readFacilityAndLevel(record, behind)),
    // CONFIG_PRINTK_CALLER gave the record another word.
    ...(caller + 4 > layout.size ? {} : { caller: formatCaller(record.u32le(caller)) }),
    ...dictionary(layout, record, text, memory, address),
    text,
  };
}

/** SUBSYSTEM=… and DEVICE=…, parted by NULs, behind the text. */
function dictionary(
  layout: Layout,
  record: BoundedBytes,
  text: Uint8Array,
  memory: VirtualMemory,
  address: bigint,
): Partial<LogRecord> {
  const length = record.u16le(layout.dictionaryLength ?? 0);
  if (length === 0) return {};
  try {
    const at = BigInt.asUintN(64, address + BigInt(layout.size + text.length));
    const lines = decodeLatin1(memory.read(at, length)).split('\0');
    const value = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
    const subsystem = value('SUBSYSTEM');
    const device = value('DEVICE');
    return { ...(subsystem === undefined ? {} : { subsystem }), ...(device === undefined ? {} : { device }) };
  } catch (error) {
    if (error instanceof KexecError) return {};
    throw error;
  }
}

function bounded(bytes: Uint8Array): BoundedBytes {
  return new BoundedBytes(bytes, { what: "the kernel's log", check: 'dump-log', errno: 'EINVAL' });
}
