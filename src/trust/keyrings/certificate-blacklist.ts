import { toHex } from '../../base/bytes.js';
import { computeDigest, type Hashes, type HashName } from '../hashes.js';
import type { Certificate } from '../x509/certificate.js';
import type { Blacklist, BlacklistRule } from './keyring.js';

/** The types of entries in dbx that revoke a certificate by a digest, by the digits of that digest. */
const HASHES_BY_DIGITS: ReadonlyMap<number, HashName> = new Map([
  [64, 'sha256'],
  [96, 'sha384'],
  [128, 'sha512'],
]);

/** Finds revoked certificates by the digests of their signed parts. */
export class CertificateBlacklist {
  readonly #hashes: Hashes;
  readonly #listed: ReadonlySet<string>;
  readonly #rule: BlacklistRule;
  /** The hashes of the listed digests: others need not be computed. */
  readonly #names: readonly HashName[];

  constructor({ certificateHashes, rule = 'any' }: Blacklist, hashes: Hashes) {
    this.#hashes = hashes;
    this.#listed = new Set(certificateHashes);
    this.#rule = rule;
    const digits = new Set(certificateHashes.map(({ length }) => length));
    this.#names = [...HASHES_BY_DIGITS].flatMap(([length, name]) => (digits.has(length) ? [name] : []));
  }

  has({ tbs, tbsDigest }: Certificate): boolean {
    if (this.#listed.size === 0) return false;
    const own = this.#rule === 'sha256' ? [] : [tbsDigest];
    const names = { any: this.#names, signature: [], sha256: ['sha256' as const] }[this.#rule];
    return [...own, ...names.map((name) => computeDigest(this.#hashes, name, tbs))].some(
      (digest) => digest !== undefined && this.#listed.has(toHex(digest)),
    );
  }
}
