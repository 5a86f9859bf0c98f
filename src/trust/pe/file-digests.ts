import type { Hashes, HashName } from '../hashes.js';
import { type DigestLayout, digestAuthenticode } from './authenticode.js';

/** What of a PE file is digested. */
export interface DigestedPart {
  readonly file: Uint8Array;
  readonly layout: DigestLayout;
  /** The file up to this length, in bytes; all of it if left out. */
  readonly length?: number;
  /** Zeros behind it, in bytes. */
  readonly padding?: number;
}

/**
 * Computes digests of PE files by the rules of Authenticode, each once: many trust stores can be asked about one file.
 * Files are known by identity, so that nothing may change their bytes in the meantime, and a file has one layout.
 */
export class FileDigests {
  readonly #hashes: Hashes;
  readonly #known = new WeakMap<Uint8Array, Map<string, Uint8Array>>();

  constructor(hashes: Hashes) {
    this.#hashes = hashes;
  }

  /** @returns undefined if the digest is unavailable @throws KexecError as {@link digestAuthenticode} */
  compute(
    { file, layout, length = file.length, padding = 0 }: DigestedPart,
    name: HashName,
  ): Uint8Array | undefined {
    const known = this.#known.get(file) ?? new Map<string, Uint8Array>();
    this.#known.set(file, known);
    const key = `${name} ${length} ${padding}`;
    const digest = known.get(key) ?? this.#digest(file.subarray(0, length), layout, padding, name);
    if (digest !== undefined) known.set(key, digest);
    return digest;
  }

  #digest(file: Uint8Array, layout: DigestLayout, padding: number, name: HashName): Uint8Array | undefined {
    const hash = this.#hashes(name);
    if (hash === undefined) return undefined;
    digestAuthenticode(file, layout, hash);
    hash.update(new Uint8Array(padding));
    return hash.digest();
  }
}
