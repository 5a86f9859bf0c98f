import { describe, expect, it } from 'vitest';
import { ML_DSA_NAMES } from '../../../src/trust/x509/ml-dsa-names.js';
import { verifyRawSignature } from '../../../src/trust/x509/public-key.js';
import { catchRefusal } from '../../support/hostile.js';
import { deriveMlDsaKey } from '../../support/test-keys.js';

describe.each(ML_DSA_NAMES)('a signature by %s', (algorithm) => {
  const key = deriveMlDsaKey('a test of signatures', algorithm);
  const data = new TextEncoder().encode('what is signed');
  const bytes = key.sign('sha512', data);
  const parts = [data.subarray(0, 5), data.subarray(5)];
  const publicKey = { algorithm, bytes: key.publicKey };
  const signature = { algorithm, hash: 'sha512', bytes } as const;
  const verify = (change: object, signed: readonly Uint8Array[] = parts) =>
    verifyRawSignature(publicKey, { ...signature, ...change }, { parts: signed, digest: undefined });

  it('holds over the data itself, without a digest of it', () => {
    expect(() => verify({})).not.toThrow();
  });

  it('is refused over other data', () => {
    const refusal = catchRefusal(() => verify({}, [data, data]));
    expect(refusal).toMatchObject({ check: 'public-key', errno: 'EKEYREJECTED' });
  });

  it('is refused with any of its bytes changed', () => {
    for (let at = 0; at < bytes.length; at += 397) {
      const changed = bytes.map((octet, index) => (index === at ? octet ^ 0x80 : octet));
      expect(catchRefusal(() => verify({ bytes: changed }))?.errno).toMatch(/^EKEYREJECTED$|^EBADMSG$/);
    }
  });

  it('is refused with another digest than SHA-512 in the message, and as a signature of another kind', () => {
    expect(catchRefusal(() => verify({ hash: 'sha256' }))).toMatchObject({ errno: 'EINVAL' });
    expect(catchRefusal(() => verify({ algorithm: 'rsa' }))).toMatchObject({ errno: 'EKEYREJECTED' });
  });
});
