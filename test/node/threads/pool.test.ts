import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runInOrder } from '../../../src/node/threads/pool.js';
import { makeTemporaryFolder } from '../../support/cli.js';

/** Threads run the built module. */
const POOL = new URL('../../../dist/node/threads/pool.js', import.meta.url).href;

/** A module for threads that do the work of an expression, from `index` and the job. */
function worker(expression: string): URL {
  const path = join(makeTemporaryFolder(), 'worker.mjs');
  writeFileSync(
    path,
    `import { serve } from '${POOL}'; await serve((job) => async (index) => ${expression});`,
  );
  return pathToFileURL(path);
}

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const result of results) all.push(result);
  return all;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a pool', () => {
  it.each([
    [0, 4],
    [1, 4],
    [1000, 1],
    [1000, 4],
  ])('returns the results of %i items in order, with %i threads', async (count, threads) => {
    const slow = worker('{ await new Promise((done) => setTimeout(done, index % 3)); return index * job; }');
    const work = (index: number) => index * 2;
    expect(await collect(runInOrder({ count, threads, worker: slow, job: 2, work }))).toEqual(
      numbers(count).map((index) => index * 2),
    );
  });

  it('does not run far ahead of its consumer', async () => {
    let done = 0;
    const taken: number[] = [];
    const work = (index: number) => {
      done += 1;
      return index;
    };
    for await (const index of runInOrder({ count: 5000, threads: 1, worker: worker('0'), job: 0, work })) {
      taken.push(index);
      expect(done).toBeLessThanOrEqual(taken.length + 256);
    }
    expect(taken).toEqual(numbers(5000));
  });

  it('waits for an item that takes long', async () => {
    const others = worker('index');
    let release = () => {};
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    const work = async (index: number) => {
      if (index === 0) await first;
      return index;
    };
    const results = runInOrder({ count: 2000, threads: 2, worker: others, job: 0, work });
    setTimeout(() => release(), 300);
    expect(await collect(results)).toEqual(numbers(2000));
  });

  it('throws what a thread throws, and what its own work throws', async () => {
    const failing = worker('{ if (index >= 500) throw new Error("thread"); return index; }');
    const work = async (index: number) => {
      await new Promise((done) => setTimeout(done, 1));
      return index;
    };
    await expect(
      collect(runInOrder({ count: 5000, threads: 3, worker: failing, job: 0, work })),
    ).rejects.toThrow('thread');
    const own = () => {
      throw new Error('own');
    };
    await expect(
      collect(runInOrder({ count: 5, threads: 1, worker: failing, job: 0, work: own })),
    ).rejects.toThrow('own');
  });

  it('terminates its threads when the consumer stops', async () => {
    const results = runInOrder({
      count: 100_000,
      threads: 3,
      worker: worker('index'),
      job: 0,
      work: (index) => index,
    });
    for await (const index of results) if (index === 10) break;
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });
});
