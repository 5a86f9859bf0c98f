import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import type { DumpSink, DumpTarget } from './dump-target.js';

/** A sink that refuses to become larger than a limit. */
export class LimitedSink implements DumpSink {
  readonly #sink: DumpSink;
  readonly #limit: bigint;

  /** @param limit - in bytes */
  constructor(sink: DumpSink, limit: bigint) {
    this.#sink = sink;
    this.#limit = limit;
  }

  /** @throws KexecError `EFBIG`, check `dump-save`, beyond the limit; or as the sink. */
  write(offset: bigint, bytes: Uint8Array): void {
    this.#check(offset + BigInt(bytes.length));
    this.#sink.write(offset, bytes);
  }

  /** @throws as {@link write}. */
  truncate(size: bigint): void {
    this.#check(size);
    this.#sink.truncate(size);
  }

  #check(size: bigint): void {
    if (size <= this.#limit) return;
    refuse('dump-save', 'EFBIG', `the dump would exceed the limit of ${formatBytes(this.#limit)}`, {
      cure: 'leave out more pages, compress them, or raise the limit',
    });
  }
}

/** A file that refuses to become larger than a limit. */
export class LimitedTarget extends LimitedSink implements DumpTarget {
  readonly #target: DumpTarget;

  /** @param limit - in bytes */
  constructor(target: DumpTarget, limit: bigint) {
    super(target, limit);
    this.#target = target;
  }

  get size(): bigint {
    return this.#target.size;
  }

  read(offset: bigint, length: number): Uint8Array {
    return this.#target.read(offset, length);
  }
}
