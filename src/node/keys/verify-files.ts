import { availableParallelism } from 'node:os';
import { runInOrder, type Work } from '../threads/pool.js';
import type { TrustOptions } from './keyrings.js';
import { type FileVerdict, type SignatureKind, verifyFile } from './verify-file.js';

/** What every thread has to know: the files, and who is trusted. */
export interface VerifyJob {
  readonly files: readonly string[];
  readonly sources: TrustOptions;
  readonly kind: SignatureKind;
}

/**
 * Verifies files, as many at a time as there are CPUs: this thread works, too, so that one file starts no worker.
 *
 * @param onVerdict - called with each verdict, in the order of the files
 * @returns the verdicts, in the order of the files
 * @throws KexecError if the trusted certificates cannot be read
 */
export async function verifyFiles(
  files: readonly string[],
  sources: TrustOptions,
  kind: SignatureKind,
  onVerdict: (verdict: FileVerdict) => void,
): Promise<FileVerdict[]> {
  const job: VerifyJob = { files, sources, kind };
  const verdicts: FileVerdict[] = [];
  const pool = {
    count: files.length,
    threads: availableParallelism(),
    worker: new URL('verify-worker.js', import.meta.url),
    job,
    work: verifyJob(job),
  };
  for await (const verdict of runInOrder(pool)) {
    verdicts.push(verdict);
    onVerdict(verdict);
  }
  return verdicts;
}

/** What a thread does for a job. */
export function verifyJob({ files, sources, kind }: VerifyJob): Work<FileVerdict> {
  return (index) => verifyFile(files[index] as string, sources, kind);
}
