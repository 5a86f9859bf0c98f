import { concatenate } from '../../src/base/bytes.js';
import type { Hash, Hashes, HashName } from '../../src/trust/hashes.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';

/** The browser's names of the digests that it has (Web Cryptography API, section 30). */
const NAMES: Partial<Record<HashName, string>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

/** Less than this is digested in JavaScript, in bytes. */
const MIN_BYTES = 1 << 20;

/** A file is digested at most once for each name, and its signed contents so, too. */
const MAX_PASSES = 8;

/** Parts of a file, and which digest of them the work asked for. */
interface Wanted {
  readonly name: HashName;
  readonly parts: readonly Uint8Array[];
}

/**
 * Does work that digests a large file, by the browser's own functions, which take a tenth of JavaScript's time. They are
 * asynchronous, and the work is not: it is done with zeros in place of a digest first, its result is thrown away, and it is done
 * again with the digest. Where the browser has no such functions, JavaScript does it.
 *
 * @param file - whose parts are digested by the browser; it must not change meanwhile
 * @param work - results in the same each time that it is done
 */
export async function digestByBrowser<Result>(
  file: Uint8Array,
  work: (hashes: Hashes) => Result,
): Promise<Result> {
  // TypeScript's types do not know that it is absent in some pages.
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return work(portableHashes);
  const digests = new Map<string, Uint8Array>();
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const wanted = new Map<string, Wanted>();
    const result = work((name) => startHash(name, file, digests, wanted));
    if (wanted.size === 0) return result;
    for (const [key, { name, parts }] of wanted)
      digests.set(key, new Uint8Array(await subtle.digest(NAMES[name] ?? '', concatenate(parts))));
  }
  return work(portableHashes);
}

function startHash(
  name: HashName,
  file: Uint8Array,
  digests: ReadonlyMap<string, Uint8Array>,
  wanted: Map<string, Wanted>,
): Hash | undefined {
  const parts: Uint8Array[] = [];
  const hash = portableHashes(name);
  if (hash === undefined || NAMES[name] === undefined) return hash;
  return {
    update: (bytes) => {
      parts.push(bytes);
    },
    digest: () => {
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      if (length < MIN_BYTES || parts.some(({ buffer }) => buffer !== file.buffer)) {
        for (const part of parts) hash.update(part);
        return hash.digest();
      }
      const places = parts.map(({ byteOffset, length: size }) => `${byteOffset}+${size}`);
      const key = [name, ...places].join(' ');
      const known = digests.get(key);
      if (known !== undefined) return known;
      wanted.set(key, { name, parts });
      return hash.digest().fill(0);
    },
  };
}
