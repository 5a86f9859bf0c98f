/** What Node itself is built from, for the bill of materials. */

/**
 * The parts that `process.versions` names: their usual names and licences (SPDX). tz, the time zone data, is in the
 * public domain, for which SPDX has no identifier.
 */
const PARTS = {
  acorn: { name: 'acorn', license: 'MIT' },
  ada: { name: 'ada', license: 'MIT' },
  amaro: { name: 'amaro', license: 'MIT' },
  ares: { name: 'c-ares', license: 'MIT' },
  brotli: { name: 'brotli', license: 'MIT' },
  cldr: { name: 'cldr', license: 'Unicode-3.0' },
  icu: { name: 'icu', license: 'Unicode-3.0' },
  llhttp: { name: 'llhttp', license: 'MIT' },
  merve: { name: 'merve', license: 'MIT' },
  nbytes: { name: 'nbytes', license: 'MIT' },
  ncrypto: { name: 'ncrypto', license: 'MIT' },
  nghttp2: { name: 'nghttp2', license: 'MIT' },
  nghttp3: { name: 'nghttp3', license: 'MIT' },
  ngtcp2: { name: 'ngtcp2', license: 'MIT' },
  openssl: { name: 'openssl', license: 'Apache-2.0' },
  simdjson: { name: 'simdjson', license: 'Apache-2.0' },
  simdutf: { name: 'simdutf', license: 'MIT' },
  sqlite: { name: 'sqlite', license: 'blessing' },
  tz: { name: 'tzdata', license: 'public domain' },
  undici: { name: 'undici', license: 'MIT' },
  unicode: { name: 'unicode-character-database', license: 'Unicode-3.0' },
  uv: { name: 'libuv', license: 'MIT' },
  uvwasi: { name: 'uvwasi', license: 'MIT' },
  v8: { name: 'v8', license: 'BSD-3-Clause' },
  zlib: { name: 'zlib', license: 'Zlib' },
  zstd: { name: 'zstd', license: 'BSD-3-Clause' },
};

/** Node itself, and numbers of its binary interfaces. */
const NO_PARTS = ['node', 'modules', 'napi'];

/**
 * Lists the parts of a Node.
 *
 * @param versions - its `process.versions`; a part that it was built without has an empty version
 * @returns name, version and license of each
 * @throws Error if there is a part that the table above lacks
 */
export function listNodeParts(versions) {
  return Object.entries(versions)
    .filter(([key, version]) => !NO_PARTS.includes(key) && version !== '')
    .map(([key, version]) => {
      const part = PARTS[key];
      if (part === undefined)
        throw new Error(`process.versions of Node names ${key}: packaging/sbom/node-parts.mjs lacks it`);
      return { ...part, version };
    });
}
