import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyFile } from '../../../src/node/keys/verify-file.js';
import { buildPe } from '../../support/pe.js';
import { makeSigningKeys, signFile } from '../../support/signing.js';

const { folder, rsa, ec } = makeSigningKeys();

describe('verifyFile', () => {
  it('lists every signature, and those that the kernel ignores', async () => {
    const file = join(folder, 'signed-twice');
    writeFileSync(
      file,
      signFile(signFile(buildPe({ sections: [{ name: '.text', bytes: new Uint8Array(16) }] }), rsa), ec, {
        append: true,
      }),
    );
    const { verdict, signatures, ignoredSignatures } = await verifyFile(file, {
      certs: [rsa.certificatePath],
    });
    expect(verdict).toBe('ok');
    expect(signatures).toEqual([
      expect.stringMatching(/^Authenticode, \d+ bytes$/),
      expect.stringMatching(/^Authenticode, \d+ bytes: the kernel will never look at this signature$/),
    ]);
    expect(ignoredSignatures).toEqual([signatures[1]]);
  });
});
