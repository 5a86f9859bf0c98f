import type { LoadRequest } from '../../kexec/request.js';
import type { PreflightRow } from '../../preflight/preflight-machine.js';
import { readFleet } from '../fleet/read-fleet.js';
import { yieldToEventLoop } from '../threads/yield-to-event-loop.js';
import { type CacheFolder, prepareJob, runJob, startPlanner } from './preflight-files.js';

/** A part of a fleet: each machine whose number in it, from 0 on, leaves this rest. */
export interface Shard {
  /** From 1 on. */
  readonly index: number;
  readonly count: number;
}

/** The machines to plan on, and how. */
export interface FleetPlan {
  /** As listFleet() lists them. */
  readonly files: readonly string[];
  /** Those among the files that are read machine by machine. */
  readonly streams: ReadonlySet<string>;
  /** How many threads work at most, this one included, on files of a machine each. */
  readonly threads: number;
  readonly cache?: CacheFolder | undefined;
  readonly shard?: Shard | undefined;
}

/** A run of files of one machine each, or one file of many. */
type Part = { readonly files: readonly string[] } | { readonly stream: string };

/**
 * Plans several loads on each machine of a fleet, once for each shape of machines.
 *
 * @returns the rows of the requests for each machine, in the order of the files, and of the machines in them
 */
export async function* planFleet(
  requests: readonly LoadRequest[],
  { files, streams, threads, cache, shard = { index: 1, count: 1 } }: FleetPlan,
): AsyncGenerator<readonly PreflightRow[]> {
  const job = prepareJob(requests, [], cache);
  const planner = startPlanner(job);
  let number = 0;
  const isIn = (): boolean => number++ % shard.count === shard.index - 1;
  for (const part of splitParts(files, streams)) {
    if ('files' in part) {
      yield* runJob({ ...job, files: part.files.filter(isIn) }, planner, threads);
      continue;
    }
    for await (const items of readFleet(part.stream)) {
      for (const item of items) if (isIn()) yield planner.planItem(item);
      await yieldToEventLoop();
    }
  }
}

function splitParts(files: readonly string[], streams: ReadonlySet<string>): Part[] {
  const parts: Part[] = [];
  let run: string[] = [];
  const endRun = (): void => {
    if (run.length > 0) parts.push({ files: run });
    run = [];
  };
  for (const file of files) {
    if (!streams.has(file)) run.push(file);
    else {
      endRun();
      parts.push({ stream: file });
    }
  }
  endRun();
  return parts;
}
