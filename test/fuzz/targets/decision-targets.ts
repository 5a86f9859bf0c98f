/** Decisions and digests, each beside another implementation. */
import { deepStrictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { crc32 as crc32OfNode } from 'node:zlib';
import { crc32 } from '../../../src/formats/compression/checksums.js';
import { FreeMemory } from '../../../src/kexec/free-memory.js';
import { computeDigest } from '../../../src/trust/hashes.js';
import { portableHashes } from '../../../src/trust/portable-hashes.js';
import { searchEveryPage, type Wanted } from '../../kexec/small-worlds/worlds.js';
import { type Run, rangeOfRun, unite } from '../../support/runs.js';
import type { FuzzTargets } from '../fuzz-target.js';

/** A set of pages is a number with a bit for each. */
const PAGES = 30;

const ORDERS = ['bottom-up', 'top-down', 'ascending'] as const;

/** By name. */
export const DECISION_TARGETS: FuzzTargets = {
  /** Our search for a place, and one that tries every page, on machines of 30 pages. */
  placement: {
    seeds: () => [Uint8Array.of(2, 0, 0, 30, 1, 3, 2, 4, 3)],
    run(input) {
      const { wanted, free, taken } = readWorld(input);
      const memory = new FreeMemory(free.map(rangeOfRun), wanted.order === 'ascending');
      const found = memory.findStart(taken.map(rangeOfRun), {
        size: BigInt(wanted.size) * 4096n,
        alignment: BigInt(wanted.alignment) * 4096n,
        window: rangeOfRun(wanted.window),
        direction: wanted.order === 'bottom-up' ? 'bottom-up' : 'top-down',
      });
      const page = found === undefined ? undefined : Number(found / 4096n);
      deepStrictEqual(page, searchEveryPage(free, unite(taken), wanted));
    },
  },
  /** Portable digests and checksums, and Node's. The first byte cuts the rest in two parts. */
  digests: {
    seeds: () => [new Uint8Array(200).fill(7)],
    run(input) {
      const bytes = input.subarray(1);
      const cut = input[0] ?? 0;
      for (const name of ['sha1', 'sha256', 'sha384', 'sha512', 'sha3-256'] as const) {
        const ours = computeDigest(portableHashes, name, bytes.subarray(0, cut), bytes.subarray(cut));
        const theirs = new Uint8Array(createHash(name).update(bytes).digest());
        deepStrictEqual(ours && new Uint8Array(ours), theirs);
      }
      deepStrictEqual(crc32(bytes), crc32OfNode(bytes));
    },
  },
};

/**
 * A machine and a search: size, alignment, order, the window, then runs of pages that are free, each followed by how much of it
 * is taken already.
 */
function readWorld([size = 0, shape = 0, first = 0, length = 0, ...lengths]: Uint8Array) {
  const start = first % PAGES;
  const wanted: Wanted = {
    size: 1 + (size % PAGES),
    alignment: 1 << (shape & 3),
    order: ORDERS[(shape >> 2) % ORDERS.length] as Wanted['order'],
    window: { first: start, end: start + 1 + (length % (PAGES - start)) },
  };
  const [free, taken]: [Run[], Run[]] = [[], []];
  let at = 0;
  for (let index = 0; index + 2 < lengths.length; index += 3) {
    const [gap = 0, long = 0, used = 0] = lengths.slice(index, index + 3);
    const run = { first: at + (gap & 7), end: at + (gap & 7) + 1 + (long & 7) };
    if (run.end > PAGES) break;
    free.push(run);
    if ((used & 7) > 0) taken.push({ first: run.first, end: Math.min(run.end, run.first + (used & 7)) });
    at = run.end;
  }
  return { wanted, free, taken };
}
