import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildModuleSignature } from '../../../src/formats/module-signature.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import type { ImaKeyring } from '../../../src/trust/ima/ima-keyrings.js';
import { ImaVerifier } from '../../../src/trust/ima/ima-verifier.js';
import { EMPTY_BLACKLIST } from '../../../src/trust/keyrings/keyring.js';
import { parseCertificate } from '../../../src/trust/x509/certificate.js';
import { runCli } from '../../support/cli.js';
import { makeSigner, type Signer, signDetached } from '../../support/openssl.js';
import { runProgram } from '../../support/programs.js';

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rsa = makeSigner(folder, 'rsa-signer', { key: 'rsa' });
const ec = makeSigner(folder, 'ec-signer');
const stranger = makeSigner(folder, 'stranger');

const CONTENT = Buffer.from('what is to be signed');
const contentPath = join(folder, 'content');
writeFileSync(contentPath, CONTENT);

const append = (signature: Uint8Array): Uint8Array =>
  Buffer.concat([CONTENT, buildModuleSignature(signature)]);
const signedBy = (signer: Signer, hash?: string): Uint8Array =>
  append(signDetached(contentPath, signer, folder, hash));

function ring(name: ImaKeyring['name'], ...signers: readonly Signer[]): ImaKeyring {
  return { name, certificates: signers.map(({ der }) => parseCertificate(der, nodeHashes)) };
}

function verify(file: Uint8Array, ...keyrings: readonly ImaKeyring[]) {
  return new ImaVerifier({ keyrings, blacklist: EMPTY_BLACKLIST, hashes: nodeHashes }).verifyAppended(file);
}

const errno = (name: string) => expect.objectContaining({ errno: name });

describe('an appended signature', () => {
  it.each([
    ['rsa', rsa, 'sha256'],
    ['rsa', rsa, 'sha512'],
    ['ec', ec, 'sha256'],
    ['ec', ec, 'sha384'],
  ] as const)('of a trusted key (%s, %s) holds', (_, signer, hash) => {
    expect(verify(signedBy(signer, hash), ring('ima', stranger, signer))).toMatchObject({
      keyring: 'ima',
      hash,
    });
  });

  it('is searched in one keyring after another', () => {
    expect(verify(signedBy(ec), ring('ima', rsa), ring('platform', ec)).keyring).toBe('platform');
    expect(() => verify(signedBy(ec), ring('ima', rsa), ring('platform'))).toThrow(errno('ENOKEY'));
    expect(() => verify(signedBy(ec))).toThrow(errno('ENOKEY'));
  });

  it('is refused over other content, and cut', () => {
    const file = signedBy(rsa);
    file[0] = (file[0] as number) ^ 1;
    expect(() => verify(file, ring('ima', rsa))).toThrow(errno('EKEYREJECTED'));
    expect(() => verify(CONTENT, ring('ima', rsa))).toThrow(errno('ENODATA'));
  });

  it('is refused with authenticated attributes, and with content of its own', () => {
    const cms = (...options: string[]): Uint8Array => {
      const message = join(folder, 'message');
      const signer = ['-signer', rsa.certificatePath, '-inkey', rsa.keyPath, '-in', contentPath];
      runProgram('openssl', [
        'cms',
        '-sign',
        '-binary',
        ...options,
        ...signer,
        '-outform',
        'DER',
        '-out',
        message,
      ]);
      return append(
        new Uint8Array(
          Buffer.from(runProgram('openssl', ['enc', '-base64', '-A', '-in', message]), 'base64'),
        ),
      );
    };
    expect(() => verify(cms(), ring('ima', rsa))).toThrow(errno('EKEYREJECTED'));
    expect(() => verify(cms('-noattr', '-nodetach'), ring('ima', rsa))).toThrow(errno('EBADMSG'));
  });

  it('is verified by the command, as is security.ima', () => {
    const path = join(folder, 'signed');
    writeFileSync(path, signedBy(rsa));
    const verifyPath = (...options: string[]) => runCli('verify', path, '--json', ...options);
    const trusted = verifyPath('--appended', '--keyring', `ima:${rsa.certificatePath}`);
    expect(JSON.parse(trusted.stdout)).toMatchObject({
      verdict: 'ok',
      keyring: 'ima',
      signatures: ['appended, for IMA'],
    });
    expect(JSON.parse(verifyPath('--appended').stdout)).toMatchObject({
      verdict: 'refused',
      errno: 'ENOKEY',
    });

    runProgram('evmctl', [
      'ima_sign',
      '--sigfile',
      '-a',
      'sha256',
      '-k',
      rsa.keyPath,
      '--keyid-from-cert',
      rsa.certificatePath,
      path,
    ]);
    const xattr = verifyPath('--ima-xattr', `${path}.sig`, '--cert', rsa.certificatePath);
    expect(JSON.parse(xattr.stdout)).toMatchObject({ verdict: 'ok', signer: 'rsa-signer' });
    expect(runCli('verify', path, path, '--ima-xattr', `${path}.sig`).status).toBe(2);
  });

  it.each([
    ['rsa', rsa],
    ['ec', ec],
  ] as const)('that we make (%s) holds, and so does our security.ima, also for evmctl', (_, signer) => {
    const path = join(mkdtempSync(join(folder, 'sign-')), 'file');
    writeFileSync(path, CONTENT);
    const keys = ['--key', signer.keyPath, '--cert', signer.certificatePath];
    expect(runCli('sign', path, ...keys, '--ima', 'appended', '--digest', 'sha384')).toMatchObject({
      status: 0,
    });
    expect(runCli('verify', `${path}.signed`, '--appended', '--cert', signer.certificatePath).status).toBe(0);
    expect(runCli('verify', `${path}.signed`, '--appended', '--cert', stranger.certificatePath).status).toBe(
      1,
    );

    expect(runCli('sign', path, ...keys, '--ima', 'xattr')).toMatchObject({ status: 0 });
    expect(
      runCli('verify', path, '--ima-xattr', `${path}.ima`, '--cert', signer.certificatePath).status,
    ).toBe(0);
    // evmctl looks for the attribute in FILE.sig.
    copyFileSync(`${path}.ima`, `${path}.sig`);
    const certificate = join(folder, 'certificate.der');
    writeFileSync(certificate, signer.der);
    runProgram('evmctl', ['ima_verify', '--sigfile', '-k', certificate, path]);

    expect(runCli('sign', path, ...keys, '--ima', 'xattr').stderr).toContain('EEXIST');
    expect(
      runCli('sign', path, '--cert', rsa.certificatePath, '--key', stranger.keyPath, '--ima', 'appended')
        .status,
    ).toBe(1);
  });
});
