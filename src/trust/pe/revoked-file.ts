import { toHex } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import { alignToEntry } from '../../formats/pe/edit.js';
import { type PeFile, parsePe } from '../../formats/pe/parse.js';
import type { Hashes, HashName } from '../hashes.js';
import { type DigestLayout, digestAuthenticode } from './authenticode.js';
import { findDigestLayout } from './digest-layout.js';
import { parsePefile } from './pefile.js';

/** The hashes by which dbx lists files, by their digits in hex. */
const HASHES_BY_DIGITS: readonly (readonly [digits: number, name: HashName])[] = [
  [40, 'sha1'],
  [56, 'sha224'],
  [64, 'sha256'],
  [96, 'sha384'],
  [128, 'sha512'],
];

/** What is digested: a file up to a length, then zeros up to another. */
interface Digested {
  readonly file: Uint8Array;
  readonly layout: DigestLayout;
  readonly padding: number;
}

/**
 * Finds the digest of a PE file, by the rules of Authenticode, in a list of digests of revoked files, whoever signed
 * the file, and whether it is signed at all: a revoked kernel stays revoked without its signature.
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
  hashes: Hashes,
): string | undefined {
  if (listed.length === 0) return undefined;
  const wanted = new Set(listed);
  const lengths = new Set(listed.map(({ length }) => length));
  const names = HASHES_BY_DIGITS.flatMap(([digits, name]) => (lengths.has(digits) ? [name] : []));
  for (const digested of listDigested(file)) {
    for (const name of names) {
      const digest = computeFileDigest(digested, name, hashes);
      if (digest !== undefined && wanted.has(digest)) return digest;
    }
  }
  return undefined;
}

function listDigested(file: Uint8Array): Digested[] {
  const signed = attempt(() => parsePefile(file));
  if (!(signed instanceof KexecError)) return [{ file, layout: signed, padding: 0 }];
  const pe = attempt(() => parsePe(file));
  if (pe instanceof KexecError || pe.certificateEntryOffset === undefined) return [];
  const layout = findDigestLayout(pe, pe.certificateEntryOffset);
  const lengths = new Set([file.length, findContentsEnd(pe)]);
  return [...lengths].flatMap((length) => {
    const contents = { file: file.subarray(0, length), layout };
    const padding = alignToEntry(length) - length;
    return [{ ...contents, padding: 0 }, ...(padding === 0 ? [] : [{ ...contents, padding }])];
  });
}

function findContentsEnd({ sizeOfHeaders, sections }: PeFile): number {
  return sections.reduce(
    (end, { raw }) => (raw.start < raw.end ? Math.max(end, raw.end) : end),
    sizeOfHeaders,
  );
}

function computeFileDigest(
  { file, layout, padding }: Digested,
  name: HashName,
  hashes: Hashes,
): string | undefined {
  const hash = hashes(name);
  if (hash === undefined) return undefined;
  const refusal = attempt(() => digestAuthenticode(file, layout, hash));
  if (refusal instanceof KexecError) return undefined;
  hash.update(new Uint8Array(padding));
  return toHex(hash.digest());
}
