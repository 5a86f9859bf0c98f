import { BoundedBytes, decodeLatin1 } from '../../base/bytes.js';
import { KexecError, refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { VirtualMemory } from '../address/virtual-memory.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import { formatCaller, type LogReader, type LogRecord, readFacilityAndLevel } from './log-record.js';

/** Bits of the largest ring of texts: LOG_BUF_LEN_MAX; of descriptors: one for 32 bytes of text. */
const TEXT_BITS_LIMIT = 31;
const DESCRIPTOR_BITS_LIMIT = 26;

/** Descriptors read at once. */
const BATCH = 1024;
/** Where some of them cannot be read, so few are tried together: about as many as a page has of them. */
const SMALLEST_BATCH = 32;
/** Descriptors in a row that belong to no record, before the rest is given up. */
const STRAY_LIMIT = 1 << 18;

/** `unsigned long` before each text: the id of its descriptor. */
const ID_SIZE = 8n;
/** A descriptor's state variable: two bits of state, the rest its id. */
const STATE_SHIFT = 62n;
const ID_BITS = 62;
const COMMITTED = 1n;
const FINALIZED = 2n;

/** Where the fields of the ring's structs are, in bytes. */
interface Layout {
  readonly descriptorSize: number;
  readonly state: number;
  readonly begin: number;
  readonly next: number;
  readonly infoSize: number;
  readonly sequence: number;
  readonly time: number;
  readonly textLength: number;
  readonly caller: number | undefined;
  readonly subsystem: TextField | undefined;
  readonly device: TextField | undefined;
}

interface TextField {
  readonly at: number;
  readonly size: number;
}

/** The ring: three arrays, in virtual memory. */
interface Ring {
  readonly descriptors: bigint;
  readonly infos: bigint;
  readonly count: bigint;
  readonly texts: bigint;
  readonly textSize: bigint;
  readonly tail: bigint;
  readonly head: bigint;
}

/**
 * Reads the lockless ring buffer of Linux 5.10 and later (kernel/printk/printk_ringbuffer.h; its layout as VMCOREINFO
 * tells it). The reader gives the records from tail to head that are committed or finalized.
 *
 * @throws KexecError if VMCOREINFO lacks something of the layout, or the ring itself cannot be read.
 */
export function readPrintkRing(memory: VirtualMemory, facts: VmcoreinfoFacts): LogReader {
  const layout = layoutOf(facts);
  const ring = findRing(memory, facts);
  return (problem) => records(memory, layout, ring, problem);
}

function layoutOf(facts: VmcoreinfoFacts): Layout {
  const offset = (field: string): number => facts.needSmall(`OFFSET(${field})`);
  const block = offset('prb_desc.text_blk_lpos');
  const layout = {
    descriptorSize: facts.needSmall('SIZE(prb_desc)'),
    state: offset('prb_desc.state_var') + offset('atomic_long_t.counter'),
    begin: block + offset('prb_data_blk_lpos.begin'),
    next: block + offset('prb_data_blk_lpos.next'),
    infoSize: facts.needSmall('SIZE(printk_info)'),
    sequence: offset('printk_info.seq'),
    time: offset('printk_info.ts_nsec'),
    textLength: offset('printk_info.text_len'),
    caller: facts.small('OFFSET(printk_info.caller_id)'),
    subsystem: deviceField(facts, 'subsystem'),
    device: deviceField(facts, 'device'),
  };
  if (layout.descriptorSize === 0 || layout.infoSize === 0)
    refuse('dump-log', 'EINVAL', 'VMCOREINFO has structs of no size');
  return layout;
}

function deviceField(facts: VmcoreinfoFacts, name: string): TextField | undefined {
  const info = facts.small('OFFSET(printk_info.dev_info)');
  const field = facts.small(`OFFSET(dev_printk_info.${name})`);
  const size = facts.small(`LENGTH(printk_info_${name})`);
  if (info === undefined || field === undefined || size === undefined) return undefined;
  return { at: info + field, size };
}

function findRing(memory: VirtualMemory, facts: VmcoreinfoFacts): Ring {
  const offset = (field: string): number => facts.needSmall(`OFFSET(${field})`);
  const address = bounded(memory.read(facts.needSymbol('prb'), 8)).u64le(0);
  const ring = bounded(memory.read(address, facts.needSmall('SIZE(printk_ringbuffer)')));
  const descriptors = offset('printk_ringbuffer.desc_ring');
  const texts = offset('printk_ringbuffer.text_data_ring');
  const counter = offset('atomic_long_t.counter');
  const bits = (at: number, limit: number, what: string): bigint => {
    const value = ring.u32le(at);
    return value <= limit
      ? 1n << BigInt(value)
      : refuse('dump-log', 'EINVAL', `the ring has 2^${value} ${what}`);
  };
  return {
    count: bits(descriptors + offset('prb_desc_ring.count_bits'), DESCRIPTOR_BITS_LIMIT, 'descriptors'),
    descriptors: ring.u64le(descriptors + offset('prb_desc_ring.descs')),
    infos: ring.u64le(descriptors + offset('prb_desc_ring.infos')),
    head: ring.u64le(descriptors + offset('prb_desc_ring.head_id') + counter),
    tail: ring.u64le(descriptors + offset('prb_desc_ring.tail_id') + counter),
    textSize: bits(texts + offset('prb_data_ring.size_bits'), TEXT_BITS_LIMIT, 'bytes of text'),
    texts: ring.u64le(texts + offset('prb_data_ring.data')),
  };
}

function* records(
  memory: VirtualMemory,
  layout: Layout,
  ring: Ring,
  problem: (what: string) => void,
): Generator<LogRecord> {
  const wanted = BigInt.asUintN(ID_BITS, ring.head - ring.tail) + 1n;
  if (wanted > ring.count)
    problem(
      `the log's tail ${hex(ring.tail)} and head ${hex(ring.head)} are further apart than its ${ring.count} descriptors`,
    );
  const total = wanted < ring.count ? wanted : ring.count;
  let stray = 0;
  let textLeft = ring.textSize;
  for (let done = 0n; done < total; ) {
    const first = BigInt.asUintN(ID_BITS, ring.tail + done);
    const index = first % ring.count;
    const count = Number(smallest(BigInt(BATCH), total - done, ring.count - index));
    done += BigInt(count);
    const lost: Lost = { count: 0, reason: '' };
    for (const batch of readBatches(memory, layout, ring, { first, index, count }, lost)) {
      for (let at = 0; at < batch.count; at += 1) {
        const id = BigInt.asUintN(ID_BITS, batch.first + BigInt(at));
        const state = batch.descriptors.u64le(at * layout.descriptorSize + layout.state);
        stray += 1;
        if (BigInt.asUintN(ID_BITS, state) !== id) continue;
        if (state >> STATE_SHIFT !== COMMITTED && state >> STATE_SHIFT !== FINALIZED) continue;
        stray = 0;
        const record = readRecord(memory, layout, ring, batch, at, problem);
        textLeft -= BigInt(record.text.length);
        if (textLeft < 0n) return problem('the log has more text than its ring holds: its records overlap');
        yield record;
      }
    }
    if (lost.count > 0) problem(`up to ${lost.count} records of the log cannot be read: ${lost.reason}`);
    stray += lost.count;
    if (stray > STRAY_LIMIT) return problem(`${stray} descriptors of the log in a row belong to no record`);
  }
}

/** Descriptors one behind the other: the id of the first, its place in the ring, and how many there are. */
interface Span {
  readonly first: bigint;
  readonly index: bigint;
  readonly count: number;
}

/** Descriptors that were read, and what they say of their records. */
interface Batch extends Span {
  readonly descriptors: BoundedBytes;
  readonly infos: BoundedBytes;
}

/** How many descriptors could not be read, and why the first could not. */
interface Lost {
  count: number;
  reason: string;
}

/** What can be read of a span: as a whole, else by halves. */
function* readBatches(
  memory: VirtualMemory,
  layout: Layout,
  ring: Ring,
  span: Span,
  lost: Lost,
): Generator<Batch> {
  const batch = attempt(() => readBatch(memory, layout, ring, span));
  if (typeof batch !== 'string') {
    yield batch;
    return;
  }
  if (span.count <= SMALLEST_BATCH) {
    if (lost.count === 0) lost.reason = batch;
    lost.count += span.count;
    return;
  }
  const half = span.count >> 1;
  yield* readBatches(memory, layout, ring, { ...span, count: half }, lost);
  const rest = {
    first: span.first + BigInt(half),
    index: span.index + BigInt(half),
    count: span.count - half,
  };
  yield* readBatches(memory, layout, ring, rest, lost);
}

function readBatch(
  memory: VirtualMemory,
  { descriptorSize, infoSize }: Layout,
  ring: Ring,
  span: Span,
): Batch {
  const read = (start: bigint, size: number): BoundedBytes =>
    bounded(memory.read(BigInt.asUintN(64, start + span.index * BigInt(size)), span.count * size));
  return { ...span, descriptors: read(ring.descriptors, descriptorSize), infos: read(ring.infos, infoSize) };
}

function readRecord(
  memory: VirtualMemory,
  layout: Layout,
  ring: Ring,
  { descriptors, infos }: Batch,
  at: number,
  problem: (what: string) => void,
): LogRecord {
  const descriptor = at * layout.descriptorSize;
  const info = at * layout.infoSize;
  const sequence = infos.u64le(info + layout.sequence);
  const begin = descriptors.u64le(descriptor + layout.begin) % ring.textSize;
  const next = descriptors.u64le(descriptor + layout.next) % ring.textSize;
  return {
    sequence,
    time: infos.u64le(info + layout.time),
    ...readFacilityAndLevel(infos, info + layout.textLength + 2),
    ...(layout.caller === undefined ? {} : { caller: formatCaller(infos.u32le(info + layout.caller)) }),
    ...deviceText('subsystem', infos, info, layout.subsystem),
    ...deviceText('device', infos, info, layout.device),
    text: readText(memory, ring, begin, next, infos.u16le(info + layout.textLength), (what) =>
      problem(`the text of record ${sequence} cannot be read: ${what}`),
    ),
  };
}

/**
 * A block that begins and ends at one place has no text; one that would wrap begins at the ring's start instead. Newer
 * kernels (from 6.18) let a block end where the ring ends, which vmcore-dmesg takes for one that wraps.
 */
function readText(
  memory: VirtualMemory,
  { texts, textSize }: Ring,
  begin: bigint,
  next: bigint,
  length: number,
  problem: (what: string) => void,
): Uint8Array {
  if (begin === next) return new Uint8Array(0);
  const end = next === 0n ? textSize : next;
  const start = (begin > end ? 0n : begin) + ID_SIZE;
  const room = end > start ? end - start : 0n;
  const count = Number(smallest(BigInt(length), room));
  const text = attempt(() => memory.read(BigInt.asUintN(64, texts + start), count));
  if (typeof text !== 'string') return text;
  problem(text);
  return new Uint8Array(0);
}

function deviceText(
  name: 'subsystem' | 'device',
  infos: BoundedBytes,
  info: number,
  field: TextField | undefined,
): Partial<LogRecord> {
  if (field === undefined) return {};
  const bytes = infos.slice(info + field.at, field.size, name);
  const nul = bytes.indexOf(0);
  const text = decodeLatin1(nul < 0 ? bytes : bytes.subarray(0, nul));
  return text === '' ? {} : { [name]: text };
}

function smallest(...values: readonly bigint[]): bigint {
  return values.reduce((least, value) => (value < least ? value : least));
}

function bounded(bytes: Uint8Array): BoundedBytes {
  return new BoundedBytes(bytes, { what: "the kernel's log", check: 'dump-log', errno: 'EINVAL' });
}

/** What was read, or why it could not be. */
function attempt<Value extends object>(read: () => Value): Value | string {
  try {
    return read();
  } catch (error) {
    return seenOf(error);
  }
}

function seenOf(error: unknown): string {
  if (error instanceof KexecError) return error.seen;
  throw error;
}
