import { describe, expect, it } from 'vitest';
import { splitDerCertificates } from '../../src/formats/der-certificates.js';
import { makeSigner } from '../support/openssl.js';
import { withTemporaryFolder } from '../support/programs.js';

describe('splitDerCertificates', () => {
  it('splits certificates that follow one another, sharing their memory', () => {
    withTemporaryFolder((folder) => {
      const ders = [makeSigner(folder, 'one').der, makeSigner(folder, 'two', { key: 'rsa' }).der];
      const file = new Uint8Array(Buffer.concat(ders));
      const certificates = splitDerCertificates(file);
      expect(certificates).toEqual(ders);
      for (const { buffer } of certificates) expect(buffer).toBe(file.buffer);
    });
  });
});
