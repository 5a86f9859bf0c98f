import { hash } from 'node:crypto';
import { FactWindow } from '../../machine/fleet/fact-window.js';
import { FLEET_VERSION, MAX_LINE_BYTES, MIN_FACT_BYTES } from '../../machine/fleet/fleet-lines.js';
import { refuseLongLine } from '../../machine/fleet/split-lines.js';
import { MAX_FRAME_BYTES } from '../../machine/fleet/zstd-frames.js';
import type { Machine } from '../../machine/machine-value.js';
import { formatMachine } from '../../machine/schema.js';
import { loadZstd } from '../codecs/node-zstd.js';

/** zstd's own default. */
const LEVEL = 3;
/** The bytes of lines that are packed into one frame, up to the last line. */
const FRAME_BYTES = 1 << 20;

/** A machine to pack, and the path of its file. */
export interface PackedFile {
  readonly file: string;
  readonly machine: Machine;
}

/** What was packed. */
export interface PackResult {
  machines: number;
  facts: number;
}

/**
 * Packs machines into one part of a fleet file.
 *
 * @param result - is counted up as machines are packed
 * @returns lines, in pieces of about 1 MiB
 * @throws KexecError as the machines' iterator; `machine-schema` for a machine that no file can have
 */
export async function* packFleet(
  machines: AsyncIterable<PackedFile>,
  result: PackResult,
): AsyncGenerator<Buffer> {
  const facts = new FactWindow<undefined>();
  let lines: string[] = [formatLine({ kexecFileFleet: FLEET_VERSION })];
  let length = 0;
  for await (const { file, machine } of machines) {
    for (const line of packMachine(file, machine, facts, result)) {
      lines.push(line);
      length += line.length;
    }
    result.machines += 1;
    if (length < FRAME_BYTES) continue;
    yield Buffer.from(lines.join(''));
    lines = [];
    length = 0;
  }
  lines.push(formatLine({ end: { machines: result.machines } }));
  yield Buffer.from(lines.join(''));
}

/** Compresses pieces into a frame of zstd each. @throws Error, if the codec of zstd cannot be loaded. */
export async function* compressFrames(pieces: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  const compress = await loadZstd(LEVEL);
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += MAX_FRAME_BYTES)
      yield compress(piece.subarray(at, at + MAX_FRAME_BYTES));
  }
}

/** The lines of a machine: its facts that machines may not name yet, then itself. */
function* packMachine(
  file: string,
  machine: Machine,
  window: FactWindow<undefined>,
  result: PackResult,
): Generator<string> {
  const { name, ...fields } = JSON.parse(formatMachine(machine)) as Record<string, unknown>;
  const named: Record<string, string> = {};
  const kept: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields)) {
    const text = JSON.stringify(value);
    const size = Buffer.byteLength(text);
    if (size <= MIN_FACT_BYTES) {
      kept[field] = value;
      continue;
    }
    const digest = hash('sha256', text);
    named[field] = digest;
    if (window.find(digest) !== undefined) continue;
    window.define(digest, size, undefined);
    result.facts += 1;
    const line = `{"fact":"${digest}","value":${text}}\n`;
    if (Buffer.byteLength(line) > MAX_LINE_BYTES + 1) refuseLongLine(`the field ${field} of ${file}`);
    yield line;
  }
  yield `{"file":${JSON.stringify(file)},"name":${JSON.stringify(name)},"facts":${JSON.stringify(named)},"machine":${JSON.stringify(kept)}}\n`;
}

function formatLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
