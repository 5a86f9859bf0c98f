import { BoundedMap } from '../../src/base/bounded-map.js';
import { refuse } from '../../src/base/error.js';
import type { PreflightRow } from '../../src/preflight/preflight-machine.js';
import { formatCount } from '../../src/preflight/wording.js';
import type { ChosenFile } from './chosen-file.js';
import {
  findPreflight,
  type PlannedMachine,
  type PreflightBatch,
  type PreflightRequest,
  printRow,
} from './fleet-job.js';
import type { FleetStream } from './fleet-stream.js';

/** Some machines of a fleet file. */
export interface FleetFileBatch extends PreflightBatch {
  /** How much of the file is read, in bytes. */
  readonly read: number;
  /** Whether the file has no others. */
  readonly isEnd: boolean;
}

/** The most machines of a fleet file: the page keeps the row of each. */
const MAX_MACHINES = 50_000;

/** When so many machines are planned, or so many milliseconds have passed, the page shows them. */
const BATCH = 512;
const MAX_TIME = 500;

/** A file that is being read. */
interface OpenedStream extends FleetStream {
  /** How many of its machines are planned, or were planned before it was opened. */
  given: number;
}

/** A page with more kernels reads it for each, in turn. */
const MAX_OPENED = 4;

/** The files of the last batches, for the next, by request and file. */
const opened = new BoundedMap<string, OpenedStream>(MAX_OPENED);

/**
 * Plans a kernel on the machines of a fleet file, as `kexec-file preflight` does, batch by batch. A worker that was ended
 * meanwhile reads the file again from its start.
 *
 * @param id - the same for all batches of a request, and for no other request
 * @param given - how many machines of the file are in the batches before
 * @throws KexecError `EFBIG`, check `fleet-file`, for a file of more than 50,000 machines
 */
export async function preflightFleetFile(
  id: number,
  request: PreflightRequest,
  file: ChosenFile,
  given: number,
): Promise<FleetFileBatch> {
  const { kernel, hasInitrd, fleets } = await findPreflight(id, request);
  const key = `${id} ${file.size} ${file.path ?? file.name}`;
  const stream = await findStream(key, file, given);
  const planned: PlannedMachine[] = [];
  const end = performance.now() + MAX_TIME;
  let isEnd = false;
  // The machines of the batches before are there again after the file was opened anew.
  while (stream.given < given || (planned.length < BATCH && performance.now() < end)) {
    const { value: items, done } = await stream.items.next();
    if (done === true) {
      isEnd = true;
      opened.delete(key);
      break;
    }
    for (const item of items.slice(Math.max(0, given - stream.given))) {
      const [row] = fleets.planItem(item);
      planned.push(printRow(row as PreflightRow));
    }
    stream.given += items.length;
  }
  if (given + planned.length > MAX_MACHINES)
    refuse('fleet-file', 'EFBIG', `${file.name} has more than ${formatCount(MAX_MACHINES)} machines`, {
      cure: 'use kexec-file preflight, which takes any number of machines',
    });
  return { kernel, hasInitrd, machines: planned, read: stream.countRead(), isEnd };
}

async function findStream(key: string, file: ChosenFile, given: number): Promise<OpenedStream> {
  const known = opened.get(key);
  if (known?.given === given) return known;
  // With the schemas of its lines, which the worker alone builds.
  const { openFleetStream } = await import('./fleet-stream.js');
  const stream = { ...openFleetStream(file), given: 0 };
  opened.delete(key);
  opened.set(key, stream);
  return stream;
}
