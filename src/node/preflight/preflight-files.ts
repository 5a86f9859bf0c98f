import { attemptAsync, KexecError } from '../../base/error.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { Machine } from '../../machine/machine-value.js';
import { isPreset, PRESETS } from '../../machine/presets/presets.js';
import { MachineTrustCache } from '../../preflight/machine-trust-cache.js';
import type { PreflightRow } from '../../preflight/preflight-machine.js';
import { preflightRow, verifyOnce } from '../../preflight/preflight-row.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { readMachine } from '../collect/machine-file.js';
import { refuseUnknownMachine } from '../plan/find-machine.js';
import { runInOrder, type Work } from '../threads/pool.js';
import { type ClonedRequest, cloneRequest, restoreRequest } from './preflight-job.js';

/** What each thread is started with: the machines' files, and the loads to plan on each. */
export interface PreflightJob {
  readonly files: readonly string[];
  readonly requests: readonly ClonedRequest[];
}

/** A thread takes 0.1 s to start, in which another plans for this many machines. */
const MACHINES_WORTH_A_THREAD = 32;

/**
 * Plans a load on each machine of a fleet. The kernel's signature is verified once for all machines whose EFI variables
 * have the same keys, and all threads share its bytes; memory depends on the number of machines only by the names of
 * their files.
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
  for await (const [row] of preflightLoads([request], files, threads)) yield row as PreflightRow;
}

/**
 * Plans several loads on each machine of a fleet, as {@link preflightFiles}; each machine is read once.
 *
 * @returns for each file the rows of the requests, in their order
 */
export function preflightLoads(
  requests: readonly LoadRequest[],
  files: readonly string[],
  threads: number,
): AsyncGenerator<readonly PreflightRow[]> {
  const job: PreflightJob = { files, requests: requests.map(verifyOnce).map(cloneRequest) };
  return runInOrder({
    count: files.length,
    threads: Math.min(threads, Math.ceil(files.length / MACHINES_WORTH_A_THREAD)),
    worker: new URL('preflight-worker.js', import.meta.url),
    job,
    work: startPreflightJob(job),
  });
}

/** The work of a thread: plans the loads on the machine of an index. */
export function startPreflightJob({ files, requests }: PreflightJob): Work<readonly PreflightRow[]> {
  const caches = requests.map((request) => new MachineTrustCache(restoreRequest(request), nodeHashes));
  return (index) => preflightFile(files[index] as string, caches);
}

async function preflightFile(
  file: string,
  caches: readonly MachineTrustCache[],
): Promise<readonly PreflightRow[]> {
  const machine = await attemptAsync(() => findFleetMachine(file));
  return caches.map((cache) => preflightRow(file, machine, cache));
}

/** Finds a machine as `findMachine()`; also one in a tar or in a folder of collected files. */
async function findFleetMachine(file: string): Promise<Machine> {
  if (isPreset(file)) return PRESETS[file]();
  const machine = await attemptAsync(() => readMachine(file));
  if (!(machine instanceof KexecError)) return machine;
  // A path was not meant as the name of a preset.
  if (machine.errno === 'ENOENT' && machine.check === 'file-access' && !file.includes('/') && file !== '')
    refuseUnknownMachine(file, machine);
  throw machine;
}
