import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LoadResult } from '../../src/kexec/file-load.js';
import { loadKernelFile } from '../../src/kexec/load-kernel-file.js';
import type { LoadRequest } from '../../src/kexec/request.js';
import type { Arm64Machine } from '../../src/machine/arm64/arm64-machine.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { EMPTY_BLACKLIST, type TrustStore } from '../../src/trust/keyrings/keyring.js';
import type { Policy, TrustRequest } from '../../src/trust/policy.js';
import { parseCertificate } from '../../src/trust/x509/certificate.js';
import { corpus } from '../support/corpus.js';
import { buildFit, buildUki, buildZboot, compress, gzipKernel } from '../support/kernel-files.js';
import { findSegment } from '../support/load.js';
import { buildMachine } from '../support/machine.js';
import { makeSigningKeys, signFile } from '../support/signing.js';

const { rsa: vendor, ec: stranger } = makeSigningKeys();
const store: TrustStore = {
  keyrings: [{ name: 'builtin', certificates: [parseCertificate(vendor.der, nodeHashes)] }],
  blacklist: EMPTY_BLACKLIST,
};

const unsigned = new Uint8Array(readFileSync(corpus.cloudKernel()));
const signedKernel = signFile(unsigned, vendor);
const INITRD = new Uint8Array(5000).fill(3);
const OTHER = new Uint8Array(700).fill(4);

const uki = (linux: Uint8Array): Uint8Array =>
  buildUki(corpus.stub(), { '.cmdline': 'console=ttyAMA0 quiet', '.initrd': INITRD, '.linux': linux });

const trust = (policy: Policy): TrustRequest => ({ store, policy, hashes: nodeHashes });

function load(request: LoadRequest, facts: Partial<Arm64Machine> = {}): Promise<LoadResult> {
  return loadKernelFile(request, buildMachine(facts), { decompress: nodeDecompress, hashes: nodeHashes });
}

/** What the trail says of signatures, or how the load was refused. */
async function outcome(request: LoadRequest, facts: Partial<Arm64Machine> = {}): Promise<string[]> {
  const result = await load(request, facts);
  const said = result.trail.filter(({ check, verdict }) => check === 'signature' && verdict !== 'refused');
  const details = said.map(({ verdict, detail }) => `${verdict}: ${detail}`);
  return 'refusal' in result ? [...details, `${result.refusal.errno}: ${result.refusal.seen}`] : details;
}

describe('a UKI', () => {
  it('is loaded with its initrd and command line, and the trail says so', async () => {
    const result = await load({ kernel: uki(unsigned) });
    if ('refusal' in result) throw result.refusal;
    expect(Buffer.compare(findSegment(result.kimage, 'kernel').bytes, unsigned)).toBe(0);
    expect(Buffer.compare(findSegment(result.kimage, 'initrd').bytes, INITRD)).toBe(0);
    const notes = result.trail.filter(({ check }) => check === 'kernel-file').map(({ detail }) => detail);
    expect(notes).toEqual([
      "the file's own initrd, 4.88 KiB (0x1388), is used",
      `the file's own command line, "console=ttyAMA0 quiet", is used`,
    ]);
  });

  it('is loaded with another initrd and command line, if they are given', async () => {
    const result = await load({ kernel: uki(unsigned), initrd: OTHER, options: { commandLine: 'mine' } });
    if ('refusal' in result) throw result.refusal;
    expect(findSegment(result.kimage, 'initrd').bytes).toBe(OTHER);
    expect(result.trail).toContainEqual(
      expect.objectContaining({ check: 'command-line', detail: 'the command line has 4 bytes' }),
    );
    const notes = result.trail.filter(({ check }) => check === 'kernel-file');
    expect(notes.every(({ detail }) => detail.endsWith('is not used: another one was given'))).toBe(true);
  });
});

describe('under enforce', () => {
  it("an envelope's signature covers all of its contents", async () => {
    expect(await outcome({ kernel: signFile(uki(unsigned), vendor), trust: trust('enforce') })).toEqual([
      expect.stringMatching(/^ok: the UKI is signed by /),
      'ok: the signature of the UKI covers the kernel',
      'ok: the signature of the UKI covers the initrd',
      'ok: the signature of the UKI covers the command line',
    ]);
    const zboot = buildZboot(gzipKernel(unsigned), 'gzip', unsigned.length);
    expect(await outcome({ kernel: signFile(zboot, vendor), trust: trust('enforce') })).toEqual([
      expect.stringMatching(/^ok: the zboot image is signed by /),
      'ok: the signature of the zboot image covers the kernel',
    ]);
  });

  it('the envelope of an envelope covers the contents of both', async () => {
    const zboot = buildZboot(gzipKernel(unsigned), 'gzip', unsigned.length);
    const said = await outcome({ kernel: signFile(uki(zboot), vendor), trust: trust('enforce') });
    expect(said).toContain('ok: the signature of the UKI covers the kernel');
    expect(said).toContainEqual(expect.stringMatching(/^note: the zboot image: ENODATA/));
  });

  it("the kernel's own signature covers the kernel alone", async () => {
    const kernel = uki(signedKernel);
    expect(await outcome({ kernel, trust: trust('enforce') })).toEqual([
      expect.stringMatching(/^note: the UKI: ENODATA/),
      expect.stringMatching(/^ok: signed by /),
      expect.stringMatching(/^ENODATA: the initrd came with the UKI, which has no signature that holds/),
    ]);
    expect((await outcome({ kernel, initrd: OTHER, trust: trust('enforce') })).at(-1)).toMatch(
      /^ENODATA: the command line came with the UKI/,
    );
    const own = await outcome({
      kernel,
      initrd: OTHER,
      options: { commandLine: 'mine' },
      trust: trust('enforce'),
    });
    expect(own.at(-1)).toMatch(/^ok: signed by /);
  });

  it('the command line of a UKI may be given again, word for word', async () => {
    const given = { initrd: OTHER, options: { commandLine: 'console=ttyAMA0 quiet' } };
    expect((await outcome({ kernel: uki(signedKernel), ...given, trust: trust('enforce') })).at(-1)).toMatch(
      /^ok: signed by /,
    );
  });

  it('no signature covers the initrd of a FIT, but that of a signed envelope around it', async () => {
    const kernel = buildFit({ kernel: signedKernel, ramdisk: INITRD });
    expect((await outcome({ kernel, trust: trust('enforce') })).at(-1)).toMatch(
      /^ENODATA: the initrd came with the FIT, which has no signature that holds/,
    );
    expect((await outcome({ kernel, initrd: OTHER, trust: trust('enforce') })).at(-1)).toMatch(/^ok: /);
    const within = buildUki(corpus.stub(), { '.linux': kernel });
    expect((await outcome({ kernel: signFile(within, vendor), trust: trust('enforce') })).at(-1)).toBe(
      'ok: the signature of the UKI covers the initrd',
    );
  });

  it("a compressed kernel's own signature is verified", async () => {
    expect((await outcome({ kernel: gzipKernel(signedKernel), trust: trust('enforce') })).at(-1)).toMatch(
      /^ok: signed by /,
    );
  });

  it('nothing loads without a trusted signature that covers it', async () => {
    const files = {
      unsigned: uki(unsigned),
      stranger: signFile(uki(unsigned), stranger),
      changed: signFile(uki(unsigned), vendor),
    };
    // Within .initrd, which stands before .linux.
    const at = Buffer.from(files.changed).indexOf(Buffer.from(INITRD.subarray(0, 64)));
    files.changed[at] = 0;
    const last = async (kernel: Uint8Array) => (await outcome({ kernel, trust: trust('enforce') })).at(-1);
    // The kernel in it has Debian's signature, which is not trusted here.
    expect(await last(files.unsigned)).toMatch(/^ENOKEY: /);
    expect(await last(files.stranger)).toMatch(/^ENOKEY: /);
    expect(await last(files.changed)).toMatch(/^ENOKEY: /);
    const inner = signFile(uki(signedKernel), vendor);
    inner[Buffer.from(inner).indexOf(Buffer.from(INITRD.subarray(0, 64)))] = 0;
    expect(await last(inner)).toMatch(/^EKEYREJECTED: the initrd came with the UKI/);
  });
});

describe('under the other policies', () => {
  it('permissive loads anything, and notes what is wrong', async () => {
    const said = await outcome({ kernel: uki(signedKernel), trust: trust('permissive') });
    expect(said.slice(-2)).toEqual([
      expect.stringMatching(/^note: ENODATA .*the initrd came with the UKI.*permissive$/),
      expect.stringMatching(/^note: ENODATA .*the command line came with the UKI.*permissive$/),
    ]);
  });

  it("as-kernel knows that the machine's kernel sees no envelope", async () => {
    const kernel = signFile(uki(unsigned), vendor);
    const force = { kexecSignature: 'force' } as const;
    expect((await outcome({ kernel, trust: trust('as-kernel') }, force)).at(-1)).toMatch(/^ENOKEY/);
    expect((await outcome({ kernel: uki(signedKernel), trust: trust('as-kernel') }, force)).at(-1)).toMatch(
      /^ok: signed by /,
    );
  });

  it('nothing is verified unless requested', async () => {
    expect(await outcome({ kernel: uki(unsigned) })).toEqual([expect.stringMatching(/^note: not verified/)]);
  });
});

describe('a file that cannot be unwrapped', () => {
  it('is refused as the last entry of the trail', async () => {
    const result = await load({ kernel: compress(unsigned, 'lz4').subarray(0, 100_000) });
    if (!('refusal' in result)) throw new Error('it was loaded');
    expect(result.refusal).toMatchObject({ check: 'compressed-data', errno: 'EBADMSG' });
    expect(result.trail.at(-1)).toMatchObject({ verdict: 'refused', check: 'compressed-data' });
  });

  it('is what the kernel refuses, if it is no kernel file', async () => {
    const result = await load({ kernel: new TextEncoder().encode('#!/bin/sh\n'.repeat(20)) });
    expect(result).toMatchObject({ refusal: { check: 'image-magic', errno: 'EINVAL' } });
  });
});
