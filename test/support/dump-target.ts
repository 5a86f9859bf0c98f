import { concatenate } from '../../src/base/bytes.js';
import { refuse } from '../../src/base/error.js';
import { FlattenedWriter } from '../../src/formats/kdump/flattened-writer.js';
import { loadNodePacker } from '../../src/node/codecs/node-packer.js';
import type { DumpTarget, Saved } from '../../src/vmcore/save/dump-target.js';
import { type SaveOptions, saveVmcore, streamVmcore } from '../../src/vmcore/save/save-dump.js';
import { openVmcoreBytes } from './vmcore.js';

/** A disk that is full at a given size. */
export class MemoryTarget implements DumpTarget {
  /** In bytes. */
  room: number;
  #bytes = new Uint8Array(0);

  constructor(room = 1 << 25) {
    this.room = room;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get size(): bigint {
    return BigInt(this.#bytes.length);
  }

  read(offset: bigint, length: number): Uint8Array {
    return this.#bytes.slice(Number(offset), Number(offset) + length);
  }

  /** Writes as many bytes as there is room for. */
  write(offset: bigint, bytes: Uint8Array): void {
    const end = Number(offset) + bytes.length;
    const fits = bytes.subarray(0, Math.max(0, Math.min(bytes.length, this.room - Number(offset))));
    if (fits.length > 0) {
      if (Number(offset) + fits.length > this.#bytes.length) this.truncate(offset + BigInt(fits.length));
      this.#bytes.set(fits, Number(offset));
    }
    if (end > this.room) refuse('file-access', 'ENOSPC', 'the disk is full');
  }

  truncate(size: bigint): void {
    const bytes = new Uint8Array(Number(size));
    bytes.set(this.#bytes.subarray(0, Number(size)));
    this.#bytes = bytes;
  }
}

export type Format = Pick<SaveOptions, 'format' | 'compression'>;

export const FORMATS: readonly Format[] = [
  { format: 'elf', compression: 'none' },
  { format: 'kdump', compression: 'none' },
  { format: 'kdump', compression: 'zlib' },
  { format: 'kdump', compression: 'lzo' },
  { format: 'kdump', compression: 'snappy' },
  { format: 'kdump', compression: 'zstd' },
];

const PACKERS = {
  none: await loadNodePacker('none', 4096),
  zlib: await loadNodePacker('zlib', 4096),
  lzo: await loadNodePacker('lzo', 4096),
  snappy: await loadNodePacker('snappy', 4096),
  zstd: await loadNodePacker('zstd', 4096),
};

/** Saves a dump completely. */
export function saveBytes(vmcore: Uint8Array, target: DumpTarget, format: Format, filter: number): Saved {
  const pack = PACKERS[format.compression];
  const options = { ...format, filter, pack };
  return runSteps(saveVmcore(openVmcoreBytes(vmcore), BigInt(vmcore.length), options, target));
}

/** The saved copy of a dump. */
export function savedBytes(vmcore: Uint8Array, format: Format, filter: number): Uint8Array {
  const target = new MemoryTarget();
  saveBytes(vmcore, target, format, filter);
  return target.bytes;
}

/** The stream of a dump, in the flattened form, without its end mark if it is not `whole`. */
export function streamedBytes(
  vmcore: Uint8Array,
  format: Format,
  filter: number,
  { whole = true }: { readonly whole?: boolean } = {},
): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new FlattenedWriter((bytes) => chunks.push(bytes.slice()));
  const options = { ...format, filter, pack: PACKERS[format.compression] };
  runSteps(streamVmcore(openVmcoreBytes(vmcore), BigInt(vmcore.length), options, writer));
  if (whole) writer.end();
  return concatenate(chunks);
}

function runSteps(steps: Generator<unknown, Saved>): Saved {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
