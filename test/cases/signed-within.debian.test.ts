/** Signed kernels in files that cannot be signed: verify and signature list take them out, as plan does. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { plan } from '../../src/kexec/plan-kernel.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { loadTrustStore } from '../../src/node/keys/keyrings.js';
import { verifyFile } from '../../src/node/keys/verify-file.js';
import { runCli } from '../support/cli.js';
import { buildStubImage } from '../support/image.js';
import { buildFit, buildUimage, buildZboot, compress } from '../support/kernel-files.js';
import { buildMachine } from '../support/machine.js';
import { buildPe } from '../support/pe.js';
import { makeSigningKeys, signFile } from '../support/signing.js';

const FOLDER = join(import.meta.dirname, 'field/03-verify-compressed');
const COMPRESSED = join(FOLDER, 'vmlinuz.gz');
const CERTIFICATE = join(FOLDER, 'a.pem');

const { folder, rsa, ec } = makeSigningKeys();

const image = buildStubImage();
const signed = signFile(image, rsa);
const uki = signFile(buildPe({ sections: [{ name: '.linux', bytes: image }] }), rsa);

function packZboot(kernel: Uint8Array): Uint8Array {
  return buildZboot(gzipSync(kernel), 'gzip', kernel.length);
}

const WRAPPED: readonly (readonly [string, Uint8Array, readonly string[]])[] = [
  ['gzip', gzipSync(signed), ['gzip file']],
  ['xz', compress(signed, 'xz'), ['xz file']],
  ['zstd', compress(signed, 'zstd'), ['zstd file']],
  ['lz4', compress(signed, 'lz4 legacy'), ['lz4 file']],
  ['a uImage', buildUimage(signed, 'none'), ['uImage']],
  ['a FIT', buildFit({ kernel: signed }), ['FIT']],
  ['a FIT in gzip', gzipSync(buildFit({ kernel: signed })), ['gzip file', 'FIT']],
  ['a UKI in gzip', gzipSync(uki), ['gzip file']],
  ['an unsigned zboot image', packZboot(signed), ['zboot image']],
  ['an unsigned zboot image in gzip', gzipSync(packZboot(signed)), ['gzip file', 'zboot image']],
  ['gzip in gzip', gzipSync(gzipSync(signed)), ['gzip file', 'gzip file']],
];

async function planVerdict(file: Uint8Array): Promise<'ok' | 'refused'> {
  const store = loadTrustStore({ certs: [rsa.certificatePath] }, nodeHashes);
  const trust = { store, policy: 'enforce', hashes: nodeHashes } as const;
  const result = await plan(file, { machine: buildMachine(), decompress: nodeDecompress, trust });
  return 'refusal' in result ? 'refused' : 'ok';
}

describe('field/03: a signed kernel in gzip', () => {
  it('verify names gzip, and verifies the kernel in it', () => {
    const { status, stdout } = runCli('verify', COMPRESSED, '--cert', CERTIFICATE);
    expect(status).toBe(0);
    expect(stdout).toMatch(/ok, the kernel in a gzip file: signed by signer-a/);
    const json = JSON.parse(runCli('verify', COMPRESSED, '--cert', CERTIFICATE, '--json').stdout) as object;
    expect(json).toMatchObject({ verdict: 'ok', signer: 'signer-a', within: ['gzip file'] });
  });

  it('signature list lists the signature of the kernel in it', () => {
    expect(runCli('signature', 'list', COMPRESSED).stdout).toMatch(/the kernel in a gzip file: 1 signature/);
    expect(JSON.parse(runCli('signature', 'list', COMPRESSED, '--json').stdout)).toMatchObject({
      within: ['gzip file'],
      signatures: [{ index: 0, signers: [{ subject: 'signer-a' }] }],
    });
  });

  it('signature detach takes it, and what would change the file says why it cannot', () => {
    expect(runCli('signature', 'detach', COMPRESSED, '--output', join(folder, 'a.pk7')).status).toBe(0);
    const { status, stderr } = runCli('signature', 'remove', COMPRESSED, '--output', join(folder, 'none'));
    expect(status).toBe(1);
    expect(stderr).toMatch(/the file is compressed by gzip/);
    const sign = runCli(
      'sign',
      COMPRESSED,
      '--key',
      rsa.keyPath,
      '--cert',
      rsa.certificatePath,
      '-o',
      join(folder, 'no'),
    );
    expect(sign.status).toBe(1);
    expect(sign.stderr).toMatch(/a gzip file has no place for a signature; --inner signs the Image in it/);
  });
});

describe('verify has the verdict of plan', () => {
  it.each(WRAPPED)('%s', async (_, file, within) => {
    expect(await planVerdict(file)).toBe('ok');
    const trusted = await verifyFile(file, { certs: [rsa.certificatePath] });
    expect(trusted).toMatchObject({ verdict: 'ok', signer: expect.any(String), within });
    const other = await verifyFile(file, { certs: [ec.certificatePath] });
    expect(other).toMatchObject({ verdict: 'refused', check: expect.any(String), within });
  });

  it.each<[string, Uint8Array]>([
    ['an unsigned kernel in gzip', gzipSync(image)],
    ['a changed kernel in gzip', gzipSync(signed.map((byte, at) => (at === 0x500 ? byte ^ 1 : byte)))],
    ['gzip that was cut short', gzipSync(signed).subarray(0, 300)],
    ['gzip whose checksum does not match', Uint8Array.from(gzipSync(signed)).fill(0, -8, -4)],
    ['a FIT whose hash does not match', changeLast(buildFit({ kernel: signed, options: ['-E'] }))],
    ['something else in gzip', gzipSync(new Uint8Array(5000).fill(3))],
    ['a bomb', gzipSync(new Uint8Array(300 << 20))],
    ['seven layers', Array.from({ length: 7 }).reduce<Uint8Array>((inner) => gzipSync(inner), signed)],
  ])('%s is refused by both', async (_, file) => {
    expect(await planVerdict(file)).toBe('refused');
    expect((await verifyFile(file, { certs: [rsa.certificatePath] })).verdict).toBe('refused');
  });

  it('the configuration that is named', async () => {
    const path = join(folder, 'two.itb');
    writeFileSync(path, buildFit({ kernel: signed }));
    const verdict = async (name: string) => verifyFile(`${path}#${name}`, { certs: [rsa.certificatePath] });
    expect(await verdict('conf-1')).toMatchObject({ verdict: 'ok', within: ['FIT'] });
    expect(await verdict('conf-9')).toMatchObject({ verdict: 'refused', check: 'fit' });
  });

  it("a profile of a UKI: the UKI's signature is for all", async () => {
    const profiles = buildPe({
      sections: [
        { name: '.linux', bytes: image },
        { name: '.profile', bytes: new TextEncoder().encode('ID=a\n'.padEnd(16)) },
      ],
    });
    const path = join(folder, 'uki.efi');
    writeFileSync(path, signFile(profiles, rsa));
    expect(await verifyFile(`${path}#a`, { certs: [rsa.certificatePath] })).toMatchObject({ verdict: 'ok' });
    writeFileSync(path, readFileSync(COMPRESSED));
    expect((await verifyFile(`${path}#a`, { certs: [rsa.certificatePath] })).check).toBe('kernel-file');
  });
});

/** A FIT with its data behind the tree, whose last byte of the kernel is another. */
function changeLast(file: Uint8Array): Uint8Array {
  const at = file.lastIndexOf(0xa5);
  return file.map((byte, index) => (index === at ? byte ^ 1 : byte));
}

describe('a zboot image has a signature of its own, or the kernel in it has one', () => {
  const verdictOf = (file: Uint8Array) => verifyFile(file, { certs: [rsa.certificatePath] });

  it('its own counts alone, if it has one', async () => {
    const verdict = await verdictOf(signFile(packZboot(signed), ec));
    expect(verdict).toMatchObject({ verdict: 'refused', errno: 'ENOKEY', check: 'trust' });
    expect(verdict.within).toBeUndefined();
  });

  it.each([
    ['without any signature', packZboot(image)],
    ['damaged', packZboot(signed).subarray(0, 700)],
    [
      'a UKI, whose command line nothing else signs',
      buildPe({ sections: [{ name: '.linux', bytes: signed }] }),
    ],
  ])('%s: refused as it is', async (_, file) => {
    const verdict = await verdictOf(file);
    expect(verdict.verdict).toBe('refused');
    expect(verdict.within).toBeUndefined();
  });
});
