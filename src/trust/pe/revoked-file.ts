import { toHex } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import { alignToEntry } from '../../formats/pe/edit.js';
import { type PeFile, parsePe } from '../../formats/pe/parse.js';
import type { HashName } from '../hashes.js';
import { findDigestLayout } from './digest-layout.js';
import type { DigestedPart, FileDigests } from './file-digests.js';
import { parsePefile } from './pefile.js';

/** The hashes by which dbx lists files, by their digits in hex. */
const HASHES_BY_DIGITS: readonly (readonly [digits: number, name: HashName])[] = [
  [40, 'sha1'],
  [56, 'sha224'],
  [64, 'sha256'],
  [96, 'sha384'],
  [128, 'sha512'],
];

/**
 * Finds the digest of a PE file, by the rules of Authenticode, in a list of digests of revoked files. Neither
 * the signer nor the lack of a signature matters: a revoked kernel stays revoked without its signature.
 *
 * A signature covers the zeros that pad a file to 8 bytes. So an unsigned file is searched for with and without them,
 * and without bytes behind its sections.
 *
 * @param listed - in lower-case hex
 * @returns the digest; undefined if it is not listed, or for a file that no signature can cover
 */
export function findRevokedDigest(
  file: Uint8Array,
  listed: readonly string[],
  digests: FileDigests,
): string | undefined {
  if (listed.length === 0) return undefined;
  const wanted = new Set(listed);
  const lengths = new Set(listed.map(({ length }) => length));
  const names = HASHES_BY_DIGITS.flatMap(([digits, name]) => (lengths.has(digits) ? [name] : []));
  for (const part of listDigestedParts(file)) {
    for (const name of names) {
      const digest = attempt(() => digests.compute(part, name));
      if (digest === undefined || digest instanceof KexecError) continue;
      const text = toHex(digest);
      if (wanted.has(text)) return text;
    }
  }
  return undefined;
}

function listDigestedParts(file: Uint8Array): DigestedPart[] {
  const signed = attempt(() => parsePefile(file));
  if (!(signed instanceof KexecError)) return [{ file, layout: signed }];
  const pe = attempt(() => parsePe(file));
  if (pe instanceof KexecError || pe.certificateEntryOffset === undefined) return [];
  const layout = findDigestLayout(pe, pe.certificateEntryOffset);
  const lengths = new Set([file.length, findContentsEnd(pe)]);
  return [...lengths].flatMap((length) => {
    const part = { file, layout, length };
    const padding = alignToEntry(length) - length;
    return [part, ...(padding === 0 ? [] : [{ ...part, padding }])];
  });
}

function findContentsEnd({ sizeOfHeaders, sections }: PeFile): number {
  return sections.reduce(
    (end, { raw }) => (raw.start < raw.end ? Math.max(end, raw.end) : end),
    sizeOfHeaders,
  );
}
