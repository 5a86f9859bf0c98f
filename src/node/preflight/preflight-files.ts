import { attemptAsync, KexecError } from '../../base/error.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { Machine } from '../../machine/machine-value.js';
import { isPreset, PRESETS } from '../../machine/presets/presets.js';
import type { PreflightRow } from '../../preflight/preflight-machine.js';
import { verifyOnce } from '../../preflight/preflight-row.js';
import { readMachine, readMachineBytes } from '../collect/machine-file.js';
import { refuseUnknownMachine } from '../plan/find-machine.js';
import { runInOrder, type Work } from '../threads/pool.js';
import { type ClonedRequest, cloneRequest, restoreRequest } from './preflight-job.js';
import { openShapeCache } from './shape-cache.js';
import { ShapePlanner } from './shape-planner.js';

/** Where the outcomes of shapes are kept, and by which version of this program. */
export interface CacheFolder {
  readonly folder: string;
  readonly version: string;
}

/** What each thread is started with: the machines' files, and the loads to plan on each. */
export interface PreflightJob {
  readonly files: readonly string[];
  readonly requests: readonly ClonedRequest[];
  readonly cache: CacheFolder | undefined;
}

/** A thread takes 0.1 s to start, in which another plans for this many machines. */
const MACHINES_WORTH_A_THREAD = 32;

/**
 * Plans a load on each machine of a fleet, once for each shape of machines in each thread. The kernel's signature is
 * verified once for all machines whose EFI variables have the same keys, and all threads share its bytes; memory depends
 * on the number of machines only by the names of their files.
 *
 * @param request - its kernel is an Image, as openKernelFile() returns it
 * @param files - presets, machine files, tars, and folders of collected files
 * @param threads - how many threads work at most, this one included
 * @returns a row for each file, in their order; if a file cannot be read, its row says why
 */
export async function* preflightFiles(
  request: LoadRequest,
  files: readonly string[],
  threads: number,
): AsyncGenerator<PreflightRow> {
  const job = prepareJob([request], files);
  for await (const [row] of runJob(job, startPlanner(job), threads)) yield row as PreflightRow;
}

/** Prepares loads for threads. */
export function prepareJob(
  requests: readonly LoadRequest[],
  files: readonly string[],
  cache?: CacheFolder,
): PreflightJob {
  return { files, requests: requests.map(verifyOnce).map(cloneRequest), cache };
}

/**
 * Plans several loads on each machine of a fleet, as {@link preflightFiles}; each machine is read once.
 *
 * @param planner - of this thread
 * @returns for each file the rows of the requests, in their order
 */
export function runJob(
  job: PreflightJob,
  planner: ShapePlanner,
  threads: number,
): AsyncGenerator<readonly PreflightRow[]> {
  const { files } = job;
  return runInOrder({
    count: files.length,
    threads: Math.min(threads, Math.ceil(files.length / MACHINES_WORTH_A_THREAD)),
    worker: new URL('preflight-worker.js', import.meta.url),
    job,
    work: (index) => planFile(files[index] as string, planner),
  });
}

/** The planner of a thread. */
export function startPlanner({ requests, cache }: Pick<PreflightJob, 'requests' | 'cache'>): ShapePlanner {
  const kept = cache && openShapeCache(cache.folder, requests, cache.version);
  return new ShapePlanner(requests.map(restoreRequest), kept);
}

/** The work of a thread: plans the loads on the machine of an index. */
export function startPreflightJob(job: PreflightJob): Work<readonly PreflightRow[]> {
  const planner = startPlanner(job);
  return (index) => planFile(job.files[index] as string, planner);
}

async function planFile(file: string, planner: ShapePlanner): Promise<readonly PreflightRow[]> {
  const read = await attemptAsync(() => readFleetFile(file));
  if (read instanceof KexecError) return planner.refuse(file, read);
  return read instanceof Uint8Array ? planner.planFile(file, read) : planner.planMachine(file, read);
}

/** Reads the bytes of a machine file; finds a preset, and a machine in a tar or in a folder of collected files. */
async function readFleetFile(file: string): Promise<Machine | Buffer> {
  if (isPreset(file)) return PRESETS[file]();
  const read = await attemptAsync(async () => readMachineBytes(file) ?? readMachine(file));
  if (!(read instanceof KexecError)) return read;
  // A path was not meant as the name of a preset.
  if (read.errno === 'ENOENT' && read.check === 'file-access' && !file.includes('/') && file !== '')
    refuseUnknownMachine(file, read);
  throw read;
}
