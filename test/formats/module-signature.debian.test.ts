import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildModuleSignature, parseModuleSignature } from '../../src/formats/module-signature.js';
import { corpus } from '../support/corpus.js';
import { makeSigner, signDetached } from '../support/openssl.js';
import { runProgram, withTemporaryFolder } from '../support/programs.js';

const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
describe('an appended signature', () => {
  it('can be split from a kernel and verified by openssl', () => {
    withTemporaryFolder((folder) => {
      const signer = makeSigner(folder, 'signer', { key: 'rsa' });
      const kernel = readFileSync(corpus.cloudKernel());
      const file = joined(kernel, buildModuleSignature(signDetached(corpus.cloudKernel(), signer, folder)));
      const parsed = parseModuleSignature(file);
      writeFileSync(join(folder, 'content'), parsed?.content ?? '');
      writeFileSync(join(folder, 'signature'), parsed?.signature ?? '');
      expect(kernel.equals(parsed?.content ?? new Uint8Array())).toBe(true);
      runProgram('openssl', [
        ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', join(folder, 'signature')],
        ...['-content', join(folder, 'content'), '-out', '/dev/null'],
        ...['-certfile', signer.certificatePath, '-noverify'],
      ]);
    });
  });
});
