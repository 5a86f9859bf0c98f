import { availableParallelism } from 'node:os';
import type { MachineFacts } from '../../machine/machine-facts.js';
import type { FileInput } from '../files/file-input.js';
import { runInOrder, type Work } from '../threads/pool.js';
import type { TrustOptions } from './keyrings.js';
import { type FileSignatureKind, type FileTrust, type FileVerdict, verifyFile } from './verify-file.js';

/** What {@link verifyFiles} verifies against. */
export interface VerifyFilesOptions {
  /** The trusted and the revoked certificates; files that cannot be read are a refusal in every verdict. */
  readonly trust: TrustOptions;
  /** A machine whose EFI variables count as for a load on it under `enforce`; none if left out. */
  readonly machine?: Pick<MachineFacts, 'efiVariables'> | undefined;
  /** The PE signature, which kexec verifies, if left out. */
  readonly signature?: FileSignatureKind | undefined;
  /** Called with each verdict, in the order of the files. */
  readonly onVerdict?: ((verdict: FileVerdict) => void) | undefined;
}

/** What every thread needs: the files, and whom to trust. */
export interface VerifyJob {
  readonly files: readonly FileInput[];
  readonly trust: FileTrust;
  readonly signature: FileSignatureKind | undefined;
}

/**
 * Verifies the signatures of files as `kexec-file verify` does: as a kernel that trusts these certificates verifies
 * them at kexec_file_load(2). Uses all CPUs; for one file, it starts no thread.
 *
 * @param files - signed PE files; for IMA, any files
 * @returns the verdicts, in the order of the files. Does not throw for what is wrong with a file.
 */
export async function verifyFiles(
  files: FileInput | readonly FileInput[],
  { trust, machine, signature, onVerdict }: VerifyFilesOptions,
): Promise<FileVerdict[]> {
  const list = typeof files === 'string' || files instanceof Uint8Array ? [files] : files;
  const job: VerifyJob = { files: list, trust: { ...trust, efiVariables: machine?.efiVariables }, signature };
  const verdicts: FileVerdict[] = [];
  const pool = {
    count: list.length,
    threads: availableParallelism(),
    worker: new URL('verify-worker.js', import.meta.url),
    job,
    work: createVerifyWork(job),
  };
  for await (const verdict of runInOrder(pool)) {
    verdicts.push(verdict);
    onVerdict?.(verdict);
  }
  return verdicts;
}

/** The work of a thread for a job. */
export function createVerifyWork({ files, trust, signature }: VerifyJob): Work<FileVerdict> {
  return (index) => verifyFile(files[index] as FileInput, trust, signature);
}
