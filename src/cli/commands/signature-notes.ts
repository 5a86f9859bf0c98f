import { parsePe } from '../../formats/pe/parse.js';
import { hasGaps } from '../../trust/sign/file-digest.js';

/** Says on standard error what a signature's place means, where a file has several: kexec looks at the first alone. */
export function notePlace(signed: Uint8Array, append: boolean): void {
  const others = parsePe(signed).certificates.length - 1;
  if (others === 0) return;
  note(
    append
      ? `warning: the new signature is behind ${count(others)}; the kernel will never look at it`
      : `the kernel looks at the new signature; it will never look at the ${count(others)} behind it`,
  );
}

/** Says that signatures are left. */
export function noteRest(file: Uint8Array): void {
  const rest = parsePe(file).certificates.length;
  if (rest > 0) note(`${count(rest)} left`);
}

/** Says which tool will take a file's signature for a wrong one. */
export function noteGaps(file: Uint8Array): void {
  if (!hasGaps(parsePe(file))) return;
  note('osslsigncode digests the gaps between the sections as well, and will not take this signature');
}

function count(signatures: number): string {
  return signatures === 1 ? '1 signature' : `${signatures} signatures`;
}

function note(text: string): void {
  process.stderr.write(`kexec-file: ${text}\n`);
}
