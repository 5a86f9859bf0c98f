import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { loadTrustStore } from '../../../src/node/keys/keyrings.js';
import { removeSignatures } from '../../../src/trust/sign/remove.js';
import { Verifier } from '../../../src/trust/verifier.js';
import { corpus } from '../../support/corpus.js';
import { makeSigner } from '../../support/openssl.js';
import { runProgram } from '../../support/programs.js';

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { keyPath, certificatePath } = makeSigner(folder, 'signer', { key: 'rsa' });

/** Debian's kernel without its signature. */
const unsigned = join(folder, 'vmlinuz');
writeFileSync(unsigned, removeSignatures(new Uint8Array(readFileSync(corpus.cloudKernel())), 'all'));

const signed = (name: string): string => join(folder, `${name}.signed`);

/** pesign takes its key out of a database of NSS. */
function signByPesign(): void {
  const database = join(folder, 'nss');
  mkdirSync(database);
  const bundle = join(folder, 'signer.p12');
  runProgram('certutil', ['-N', '-d', database, '--empty-password']);
  const key = ['-inkey', keyPath, '-in', certificatePath];
  runProgram('openssl', [
    'pkcs12',
    '-export',
    ...key,
    '-name',
    'signer',
    '-passout',
    'pass:',
    '-out',
    bundle,
  ]);
  runProgram('pk12util', ['-i', bundle, '-d', database, '-W', '']);
  runProgram('pesign', ['-n', database, '-c', 'signer', '-s', '-i', unsigned, '-o', signed('pesign')]);
}

describe('signatures of other tools are trusted here', () => {
  it.each([
    [
      'sbsign',
      () =>
        runProgram('sbsign', [
          '--key',
          keyPath,
          '--cert',
          certificatePath,
          '--output',
          signed('sbsign'),
          unsigned,
        ]),
    ],
    [
      'osslsigncode',
      () =>
        runProgram('osslsigncode', [
          ...['sign', '-certs', certificatePath, '-key', keyPath, '-h', 'sha384'],
          ...['-in', unsigned, '-out', signed('osslsigncode')],
        ]),
    ],
    ['pesign', signByPesign],
  ])('%s', (name, sign) => {
    sign();
    const store = loadTrustStore({ certs: [certificatePath] }, nodeHashes);
    const file = new Uint8Array(readFileSync(signed(name)));
    expect(new Verifier({ store, hashes: nodeHashes }).verifyPe(file)).toMatchObject({
      signer: 'signer',
      keyring: 'builtin',
    });
  });
});
