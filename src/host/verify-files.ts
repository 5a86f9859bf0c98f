import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { TrustOptions } from './keyrings.js';
import { type FileVerdict, type SignatureKind, verifyFile } from './verify-file.js';

/** What a worker is started with: the files, who is trusted, and the number of the next file that nobody has taken. */
export interface VerifyJob {
  readonly files: readonly string[];
  readonly sources: TrustOptions;
  readonly kind: SignatureKind;
  readonly next: Int32Array<SharedArrayBuffer>;
}

/** The verdict on one of the files. */
export interface NumberedVerdict {
  readonly index: number;
  readonly verdict: FileVerdict;
}

/**
 * Verifies files, as many at a time as there are CPUs: this thread works, too, so that one file starts no worker.
 *
 * @param onVerdict - called with each verdict as it comes
 * @returns the verdicts, in the order of the files
 * @throws KexecError if the trusted certificates cannot be read
 */
export async function verifyFiles(
  files: readonly string[],
  sources: TrustOptions,
  kind: SignatureKind,
  onVerdict: (verdict: FileVerdict) => void,
): Promise<FileVerdict[]> {
  const verdicts: FileVerdict[] = [];
  const take = ({ index, verdict }: NumberedVerdict): void => {
    verdicts[index] = verdict;
    onVerdict(verdict);
  };
  const job: VerifyJob = { files, sources, kind, next: new Int32Array(new SharedArrayBuffer(4)) };
  const workers = Array.from({ length: Math.min(availableParallelism(), files.length) - 1 }, () =>
    runWorker(job, take),
  );
  for await (const numbered of takeFiles(job)) take(numbered);
  await Promise.all(workers);
  return verdicts;
}

/** Verifies files until none is left, letting messages of the others in between. */
export async function* takeFiles({ files, sources, kind, next }: VerifyJob): AsyncGenerator<NumberedVerdict> {
  for (let index = Atomics.add(next, 0, 1); index < files.length; index = Atomics.add(next, 0, 1)) {
    yield { index, verdict: verifyFile(files[index] as string, sources, kind) };
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function runWorker(job: VerifyJob, take: (verdict: NumberedVerdict) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    new Worker(new URL('verify-worker.js', import.meta.url), { workerData: job })
      .on('message', take)
      .on('error', reject)
      .on('exit', () => resolve());
  });
}
