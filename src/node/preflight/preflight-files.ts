import { KexecError } from '../../base/error.js';
import { Trail } from '../../base/trail.js';
import type { LoadRequest } from '../../kexec/file-load.js';
import { describeRefusal, type PreflightRow, preflightMachine } from '../../preflight/preflight-machine.js';
import { verifyOnce } from '../../trust/policy.js';
import { readMachine } from '../collect/machine-file.js';
import { runInOrder, type Work } from '../threads/pool.js';
import { type ClonedRequest, cloneRequest, restoreRequest } from './preflight-job.js';

/** What every thread has to know: the machines, and what is to be loaded on each. */
export interface PreflightJob {
  readonly files: readonly string[];
  readonly request: ClonedRequest;
}

/** A thread takes a tenth of a second to start, in which another plans for so many machines. */
const WORTH_A_THREAD = 32;

/**
 * Plans a load on each of the machines, a row each in their order, as they come. The kernel's signature is verified once,
 * its bytes are there once, and nothing else is kept but the names of the files.
 *
 * @param request - its kernel an Image, as openKernelFile() gives it
 * @param files - machine files, folders and tars; one that cannot be read is a row that says why
 * @param threads - how many work at most, this one included
 */
export function preflightFiles(
  request: LoadRequest,
  files: readonly string[],
  threads: number,
): AsyncGenerator<PreflightRow> {
  const { kernel, trust } = request;
  const verified = trust && { ...trust, verified: verifyOnce(kernel, trust, new Trail()) };
  const job: PreflightJob = { files, request: cloneRequest({ ...request, trust: verified }) };
  return runInOrder({
    count: files.length,
    threads: Math.min(threads, Math.ceil(files.length / WORTH_A_THREAD)),
    worker: new URL('preflight-worker.js', import.meta.url),
    job,
    work: startPreflightJob(job),
  });
}

/** What a thread does for a job. */
export function startPreflightJob({ files, request }: PreflightJob): Work<PreflightRow> {
  const load = restoreRequest(request);
  return (index) => preflightFile(files[index] as string, load);
}

async function preflightFile(file: string, request: LoadRequest): Promise<PreflightRow> {
  try {
    return { file, ...preflightMachine(request, await readMachine(file)) };
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    return { file, unreadable: describeRefusal(error) };
  }
}
