import { parsePe } from '../../formats/pe/parse.js';
import { hasGaps } from '../../trust/sign/file-digest.js';
import { complain } from '../terminal/complain.js';

/** Prints what the place of a new signature means, if the file has several: the kernel verifies only the first. */
export function notePlace(signed: Uint8Array, append: boolean): void {
  const others = parsePe(signed).certificates.length - 1;
  if (others === 0) return;
  complain(
    append
      ? `warning: the new signature comes after ${count(others)}; the kernel ignores it`
      : `the kernel verifies the new signature; it ignores ${others === 1 ? 'the signature' : `the ${others} signatures`} after it`,
  );
}

/** Prints how many signatures are left. */
export function noteRemaining(file: Uint8Array): void {
  const rest = parsePe(file).certificates.length;
  if (rest > 0) complain(`${count(rest)} left`);
}

/** Prints which tool will reject the file's signature. */
export function noteGaps(file: Uint8Array): void {
  if (!hasGaps(parsePe(file))) return;
  complain('osslsigncode also digests the gaps between sections, and will reject this signature');
}

function count(signatures: number): string {
  return signatures === 1 ? '1 signature' : `${signatures} signatures`;
}
