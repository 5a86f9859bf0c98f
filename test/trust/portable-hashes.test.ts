import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { computeDigest, type HashName } from '../../src/trust/hashes.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';

const NAMES: readonly HashName[] = [
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha3-256',
  'sha3-384',
  'sha3-512',
];

it.each(NAMES)("%s is Node's, in however many pieces", (name) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (parts) => {
      const portable = computeDigest(portableHashes, name, ...parts);
      expect(portable).toBeDefined();
      expect(Buffer.from(portable ?? [])).toEqual(computeDigest(nodeHashes, name, ...parts));
    }),
    { numRuns: 30 },
  );
});

it.each(['sm3', 'streebog256', 'streebog512'] as const)('%s is unavailable from either', (name) => {
  expect(portableHashes(name)).toBeUndefined();
  expect(nodeHashes(name)).toBeUndefined();
});
