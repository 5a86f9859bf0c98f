import type { KexecError } from '../../base/error.js';
import type { TrailEntry } from '../../base/trail.js';
import type { LoadResult } from '../../kexec/file-load.js';

/**
 * Compares the kernel's refusal with the prediction.
 *
 * @returns our check's refusal if both have the same errno, because it says more; else the kernel's, with the
 *   prediction. A kernel without the system call (ENOSYS) has not examined the files: its refusal is returned as it is.
 */
export function explainRefusal(error: KexecError, prediction: LoadResult): KexecError {
  const { errno, seen } = error;
  if (errno === 'ENOSYS') return error;
  if (!('refusal' in prediction)) return error.with(`${seen}; it was predicted to load`);
  const { refusal } = prediction;
  return refusal.errno === errno
    ? refusal.with(`${refusal.seen}; ${seen}, as predicted`)
    : error.with(`${seen}; the prediction was ${refusal.errno} (${refusal.check}): ${refusal.seen}`);
}

/**
 * Says what a refusal of IMA has to do with files in memory. They have no extended attributes, where IMA looks for a
 * signature first; one that is appended to the file is still there.
 */
export function blameMemoryFile(error: KexecError): KexecError {
  if (error.errno !== 'EACCES') return error;
  const why =
    "under enforce the kernel gets the verified bytes as files in memory, which have no security.ima: if IMA's policy demands it, " +
    'append a signature of IMA (kexec-file sign --ima appended), or let the kernel read and verify the file itself (--policy as-kernel)';
  return error.with(`${error.seen}; ${why}`);
}

/** The trail of a prediction, with a refusal turned into a note: the kernel decided. */
export function replaceRefusal({ trail }: LoadResult): TrailEntry[] {
  return trail.map((entry) => {
    if (entry.verdict !== 'refused') return entry;
    const { check, errno, detail, holes } = entry;
    const predicted = `the prediction was ${errno}: ${detail}`;
    return { check, verdict: 'note', detail: predicted, ...(holes === undefined ? {} : { holes }) };
  });
}
