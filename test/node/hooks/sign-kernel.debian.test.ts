import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signKernel } from '../../../src/node/hooks/sign-kernel.js';
import { verifyFile } from '../../../src/node/keys/verify-file.js';
import { buildPe } from '../../support/pe.js';
import { makeSigningKeys } from '../../support/signing.js';

const { folder, rsa, ec } = makeSigningKeys();
const image = join(folder, 'vmlinuz');
const settings = (key?: string, cert?: string) => ({ preflight: true, reload: true, key, cert });

describe('signKernel()', () => {
  it('signs a file in its place, once, and keeps its mode', async () => {
    const cert = join(folder, 'rsa-signing.der');
    writeFileSync(cert, rsa.der);
    writeFileSync(image, buildPe({ sections: [{ name: '.text', bytes: new Uint8Array(16) }] }));
    chmodSync(image, 0o640);
    const before = readdirSync(folder);
    expect(await signKernel(image, settings())).toBe('no key');
    expect(await signKernel(image, settings(rsa.keyPath, cert))).toBe('signed');
    expect(statSync(image).mode & 0o777).toBe(0o640);
    expect((await verifyFile(image, { certs: [cert] })).verdict).toBe('ok');
    const signed = readFileSync(image);
    expect(await signKernel(image, settings(rsa.keyPath, cert))).toBe('signed before');
    expect(readFileSync(image).equals(signed)).toBe(true);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('leaves the file as it is if the key is not that of the certificate', async () => {
    const cert = join(folder, 'ec-signing.der');
    writeFileSync(cert, ec.der);
    const before = readFileSync(image);
    await expect(signKernel(image, settings(rsa.keyPath, cert))).rejects.toMatchObject({ check: 'sign-key' });
    expect(readFileSync(image).equals(before)).toBe(true);
  });
});
