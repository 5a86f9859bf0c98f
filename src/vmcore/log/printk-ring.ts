import { type BoundedBytes, decodeLatin1 } from '../../base/bytes.js';
import { attempt, KexecError, refuse } from '../../base/error.js';
import { hex, minimum } from '../../base/u64.js';
import type { VirtualMemory } from '../address/virtual-memory.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import {
  formatCaller,
  type LogReader,
  type LogRecord,
  readFacilityAndLevel,
  readLogBytes,
} from './log-record.js';

/** log2 of the largest ring of texts, in bytes (LOG_BUF_LEN_MAX), and of descriptors: one for 32 bytes of text. */
const MAX_TEXT_BITS = 31;
const MAX_DESCRIPTOR_BITS = 26;

/** How many descriptors are read at once. */
const MAX_BATCH = 1024;
/** Batches that cannot be read are halved down to this size: about as many descriptors as a page has. */
const MIN_BATCH = 32;
/** Give up after this many descriptors in a row that belong to no record. */
const MAX_STRAY_DESCRIPTORS = 1 << 18;

/** The size of the descriptor's id that precedes each text, in bytes: `unsigned long`. */
const ID_SIZE = 8n;
/** A descriptor's state variable: two bits of state, then its id. */
const STATE_SHIFT = 62n;
const ID_BITS = 62;
const COMMITTED = 1n;
const FINALIZED = 2n;

/** Sizes and offsets in the ring's structs, in bytes. */
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

/** The ring: three arrays, by their virtual addresses. */
interface Ring {
  readonly descriptors: bigint;
  readonly infos: bigint;
  /** Of descriptors, and of infos. */
  readonly count: bigint;
  readonly texts: bigint;
  readonly textSize: bigint;
  /** Ids of the oldest and the newest descriptor. */
  readonly tail: bigint;
  readonly head: bigint;
}

/** A ring, and how it is read. */
interface RingSource {
  readonly memory: VirtualMemory;
  readonly layout: Layout;
  readonly ring: Ring;
}

type OnProblem = (problem: string) => void;

/**
 * Reads the lockless ring buffer of Linux 5.10 and later (kernel/printk/printk_ringbuffer.h), by the layout in
 * VMCOREINFO. The reader returns the records from tail to head that are committed or finalized.
 *
 * @throws KexecError if VMCOREINFO lacks a part of the layout, or the ring itself cannot be read.
 */
export function readPrintkRing(memory: VirtualMemory, facts: VmcoreinfoFacts): LogReader {
  const source = { memory, layout: readLayout(facts), ring: findRing(memory, facts) };
  return (onProblem) => readRecords(source, onProblem);
}

function readLayout(facts: VmcoreinfoFacts): Layout {
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
    subsystem: findDeviceField(facts, 'subsystem'),
    device: findDeviceField(facts, 'device'),
  };
  if (layout.descriptorSize === 0 || layout.infoSize === 0)
    refuse('dump-log', 'EINVAL', 'VMCOREINFO has SIZE(prb_desc)=0 or SIZE(printk_info)=0');
  return layout;
}

function findDeviceField(facts: VmcoreinfoFacts, name: string): TextField | undefined {
  const info = facts.small('OFFSET(printk_info.dev_info)');
  const field = facts.small(`OFFSET(dev_printk_info.${name})`);
  const size = facts.small(`LENGTH(printk_info_${name})`);
  if (info === undefined || field === undefined || size === undefined) return undefined;
  return { at: info + field, size };
}

function findRing(memory: VirtualMemory, facts: VmcoreinfoFacts): Ring {
  const offset = (field: string): number => facts.needSmall(`OFFSET(${field})`);
  const address = memory.readU64(facts.needSymbol('prb'));
  const ring = readLogBytes(memory, address, facts.needSmall('SIZE(printk_ringbuffer)'));
  const descriptors = offset('printk_ringbuffer.desc_ring');
  const texts = offset('printk_ringbuffer.text_data_ring');
  const counter = offset('atomic_long_t.counter');
  const readPower = (at: number, maxBits: number, unit: string): bigint => {
    const bits = ring.u32le(at);
    if (bits > maxBits) refuse('dump-log', 'EINVAL', `the ring has 2^${bits} ${unit}`);
    return 1n << BigInt(bits);
  };
  return {
    count: readPower(descriptors + offset('prb_desc_ring.count_bits'), MAX_DESCRIPTOR_BITS, 'descriptors'),
    descriptors: ring.u64le(descriptors + offset('prb_desc_ring.descs')),
    infos: ring.u64le(descriptors + offset('prb_desc_ring.infos')),
    head: ring.u64le(descriptors + offset('prb_desc_ring.head_id') + counter),
    tail: ring.u64le(descriptors + offset('prb_desc_ring.tail_id') + counter),
    textSize: readPower(texts + offset('prb_data_ring.size_bits'), MAX_TEXT_BITS, 'bytes of text'),
    texts: ring.u64le(texts + offset('prb_data_ring.data')),
  };
}

function* readRecords(source: RingSource, onProblem: OnProblem): Generator<LogRecord> {
  const { layout, ring } = source;
  const wanted = BigInt.asUintN(ID_BITS, ring.head - ring.tail) + 1n;
  if (wanted > ring.count)
    onProblem(
      `the log's tail ${hex(ring.tail)} and head ${hex(ring.head)} are further apart than its ${ring.count} descriptors`,
    );
  const total = minimum(wanted, ring.count);
  let stray = 0;
  let textLeft = ring.textSize;
  for (let done = 0n; done < total; ) {
    const first = BigInt.asUintN(ID_BITS, ring.tail + done);
    const index = first % ring.count;
    const count = Number(minimum(minimum(BigInt(MAX_BATCH), total - done), ring.count - index));
    done += BigInt(count);
    const lost: Lost = { count: 0, reason: '' };
    for (const batch of readBatches(source, { first, index, count }, lost)) {
      for (let at = 0; at < batch.count; at += 1) {
        stray += 1;
        if (!hasRecord(layout, batch, at)) continue;
        stray = 0;
        const record = readRecord(source, batch, at, onProblem);
        textLeft -= BigInt(record.text.length);
        if (textLeft < 0n)
          return onProblem('the log has more text than its ring can hold: its records overlap');
        yield record;
      }
    }
    if (lost.count > 0) onProblem(`up to ${lost.count} records of the log cannot be read: ${lost.reason}`);
    stray += lost.count;
    if (stray > MAX_STRAY_DESCRIPTORS)
      return onProblem(`${stray} descriptors of the log in a row belong to no record`);
  }
}

/** Consecutive descriptors: the id of the first, its index in the ring, and their number. */
interface Span {
  readonly first: bigint;
  readonly index: bigint;
  readonly count: number;
}

/** Descriptors that were read, with the infos of their records. */
interface Batch extends Span {
  readonly descriptors: BoundedBytes;
  readonly infos: BoundedBytes;
}

/** How many descriptors could not be read, and why the first could not. */
interface Lost {
  count: number;
  reason: string;
}

/** Reads a span at once; if that fails, its halves, as far as they can be read. */
function* readBatches(source: RingSource, span: Span, lost: Lost): Generator<Batch> {
  const batch = attempt(() => readBatch(source, span));
  if (!(batch instanceof KexecError)) {
    yield batch;
    return;
  }
  if (span.count <= MIN_BATCH) {
    if (lost.count === 0) lost.reason = batch.seen;
    lost.count += span.count;
    return;
  }
  const half = span.count >> 1;
  yield* readBatches(source, { ...span, count: half }, lost);
  const rest = {
    first: span.first + BigInt(half),
    index: span.index + BigInt(half),
    count: span.count - half,
  };
  yield* readBatches(source, rest, lost);
}

function readBatch({ memory, layout, ring }: RingSource, span: Span): Batch {
  const read = (start: bigint, size: number): BoundedBytes =>
    readLogBytes(memory, start + span.index * BigInt(size), span.count * size);
  return {
    ...span,
    descriptors: read(ring.descriptors, layout.descriptorSize),
    infos: read(ring.infos, layout.infoSize),
  };
}

/** Whether a descriptor of a batch has a record that is committed or finalized. */
function hasRecord({ descriptorSize, state }: Layout, { first, descriptors }: Batch, at: number): boolean {
  const variable = descriptors.u64le(at * descriptorSize + state);
  if (BigInt.asUintN(ID_BITS, variable) !== BigInt.asUintN(ID_BITS, first + BigInt(at))) return false;
  return variable >> STATE_SHIFT === COMMITTED || variable >> STATE_SHIFT === FINALIZED;
}

/** @param at - the record's index in its batch */
function readRecord(
  { memory, layout, ring }: RingSource,
  { descriptors, infos }: Batch,
  at: number,
  onProblem: OnProblem,
): LogRecord {
  const descriptor = at * layout.descriptorSize;
  const info = at * layout.infoSize;
  const sequence = infos.u64le(info + layout.sequence);
  const block = {
    begin: descriptors.u64le(descriptor + layout.begin) % ring.textSize,
    next: descriptors.u64le(descriptor + layout.next) % ring.textSize,
  };
  const length = infos.u16le(info + layout.textLength);
  const text = attempt(() => readText(memory, ring, block, length));
  if (text instanceof KexecError) onProblem(`the text of record ${sequence} cannot be read: ${text.seen}`);
  return {
    sequence,
    time: infos.u64le(info + layout.time),
    ...readFacilityAndLevel(infos, info + layout.textLength + 2),
    ...(layout.caller === undefined ? {} : { caller: formatCaller(infos.u32le(info + layout.caller)) }),
    ...readDeviceText('subsystem', infos, info, layout.subsystem),
    ...readDeviceText('device', infos, info, layout.device),
    text: text instanceof KexecError ? new Uint8Array(0) : text,
  };
}

/**
 * A block that begins and ends at one place has no text; one that would wrap begins at the ring's start instead. Since
 * Linux 6.18 a block may end exactly where the ring ends, which vmcore-dmesg takes for one that wraps.
 *
 * @param block - offsets in the ring of texts: where the block begins, and where the next one does
 * @param length - of the text
 */
function readText(
  memory: VirtualMemory,
  { texts, textSize }: Ring,
  { begin, next }: { readonly begin: bigint; readonly next: bigint },
  length: number,
): Uint8Array {
  if (begin === next) return new Uint8Array(0);
  const end = next === 0n ? textSize : next;
  const start = (begin > end ? 0n : begin) + ID_SIZE;
  const room = end > start ? end - start : 0n;
  return readLogBytes(memory, texts + start, Number(minimum(BigInt(length), room))).bytes;
}

function readDeviceText(
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
