import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildImaXattr, formatKeyId, parseImaXattr } from '../../src/formats/ima-xattr.js';
import { makeSigner } from '../support/openssl.js';
import { runProgram, withTemporaryFolder } from '../support/programs.js';

describe('parseImaXattr', () => {
  it.each(['sha1', 'sha224', 'sha256', 'sha384', 'sha512'])('reads what evmctl writes with %s', (hash) => {
    withTemporaryFolder((folder) => {
      const signer = makeSigner(folder, 'signer', { key: 'rsa' });
      writeFileSync(join(folder, 'file'), 'contents');
      runProgram('evmctl', [
        ...['ima_sign', '--sigfile', '-a', hash, '-k', signer.keyPath],
        ...['--keyid-from-cert', signer.certificatePath, join(folder, 'file')],
      ]);
      const xattr = new Uint8Array(readFileSync(join(folder, 'file.sig')));
      const parsed = parseImaXattr(xattr);
      const skid = runProgram('openssl', [
        ...['x509', '-in', signer.certificatePath, '-noout', '-ext', 'subjectKeyIdentifier'],
      ]);
      const keyId = skid.trim().replaceAll(':', '').slice(-8).toLowerCase();
      expect(parsed).toMatchObject({ kind: 'signature', hash, keyId: Number.parseInt(keyId, 16) });
      expect(parsed.kind === 'signature' && formatKeyId(parsed.keyId)).toBe(keyId);
      expect(parsed.kind === 'signature' && buildImaXattr(parsed)).toEqual(xattr);
    });
  });
});
