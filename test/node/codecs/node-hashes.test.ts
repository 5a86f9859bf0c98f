import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { ML_DSA_NAMES } from '../../../src/trust/x509/ml-dsa-names.js';
import { deriveMlDsaKey } from '../../support/test-keys.js';

/** Whether this Node has ML-DSA: from 24.6 on. */
function hasMlDsa(): boolean {
  try {
    generateKeyPairSync('ml-dsa-44' as 'ed25519');
    return true;
  } catch {
    return false;
  }
}

describe("Node's crypto", () => {
  it.each(ML_DSA_NAMES)(
    'confirms a signature by %s if it has ML-DSA, and otherwise says nothing',
    (algorithm) => {
      const { publicKey: key, sign } = deriveMlDsaKey('confirmed', algorithm);
      const signed = [Uint8Array.of(1, 2), Uint8Array.of(3)];
      const signature = sign('sha512', Uint8Array.of(1, 2, 3));
      expect(nodeHashes.confirmMlDsa?.({ algorithm, key, signature, signed })).toBe(hasMlDsa());
      expect(nodeHashes.confirmMlDsa?.({ algorithm, key, signature, signed: [] })).toBe(false);
    },
  );
});
