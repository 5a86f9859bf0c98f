import { decodeLatin1, toHex } from '../../src/base/bytes.js';
import type { NamedFile } from '../../src/preflight/shapes/file-outcomes.js';
import { computeDigest } from '../../src/trust/hashes.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';

/** Identifies the text of a machine file without its name: see `FileOutcomes.planNamed()`. */
export async function identifyText({ before, after }: NamedFile): Promise<string> {
  // What precedes the name is short, and need not be digested.
  return `${decodeLatin1(before)}\0${toHex(await digestText(after))}`;
}

/** SHA-256 by the browser, which is faster by far. It has it only for pages from the disk, from this machine, or by HTTPS. */
async function digestText(text: Uint8Array): Promise<Uint8Array> {
  // TypeScript's types do not know that it is absent elsewhere.
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return computeDigest(portableHashes, 'sha256', text) ?? new Uint8Array(0);
  return new Uint8Array(await subtle.digest('SHA-256', text as Uint8Array<ArrayBuffer>));
}
