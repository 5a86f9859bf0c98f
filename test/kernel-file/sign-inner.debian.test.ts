import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../src/base/error.js';
import { parseImageHeader } from '../../src/formats/arm64-image.js';
import { parsePe } from '../../src/formats/pe/parse.js';
import { parseUki } from '../../src/formats/uki.js';
import { parseZboot } from '../../src/formats/zboot.js';
import { signInner } from '../../src/kernel-file/sign-inner.js';
import { loadKernelFile } from '../../src/kexec/load-kernel-file.js';
import { nodeCompress } from '../../src/node/codecs/node-compress.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { EMPTY_BLACKLIST } from '../../src/trust/keyrings/keyring.js';
import { removeSignatures } from '../../src/trust/sign/remove.js';
import { parseCertificate } from '../../src/trust/x509/certificate.js';
import { corpus } from '../support/corpus.js';
import { buildUimage, buildUki, buildZboot, compress } from '../support/kernel-files.js';
import { buildMachine } from '../support/machine.js';
import { buildPe, changeNumber, SECTION_OFFSETS } from '../support/pe.js';
import { runProgram, withTemporaryFolder } from '../support/programs.js';
import { makeSigningKeys, signFile } from '../support/signing.js';

const { rsa: key, ec: stranger } = makeSigningKeys();

/** Debian's kernel, as it was before Debian signed it. */
const DEBIAN = removeSignatures(readFileSync(corpus.cloudKernel()), 'all');

/** The same less most of its code: one section of 64 KiB, which the headers tell. */
const KERNEL = smallKernel();

function smallKernel(): Uint8Array {
  const { sectionTable, sections } = parsePe(DEBIAN);
  const start = sections[0]?.raw.start ?? Number.NaN;
  const peHeader = Buffer.from(DEBIAN).readUInt32LE(60);
  const oneSection = changeNumber(DEBIAN.slice(0, start + 0x1_0000), peHeader + 6, 1, 2);
  return changeNumber(oneSection, sectionTable.start + SECTION_OFFSETS.size, 0x1_0000);
}
/** What its header says that it takes in memory. */
const IMAGE_SIZE = Number(parseImageHeader(KERNEL).imageSize);
const INITRD = new Uint8Array(5000).fill(3);
const COMMAND_LINE = 'console=ttyAMA0';

const opening = { decompress: nodeDecompress, hashes: nodeHashes };
const sign = async (file: Uint8Array) => signFile(file, key);
const resign = (file: Uint8Array) => signInner(file, { sign, opening, compress: nodeCompress });

/** Why it is not signed. */
async function refusal(file: Uint8Array): Promise<unknown> {
  return resign(file).then(
    () => 'it was signed',
    (error: unknown) => error,
  );
}

const uki = (linux: Uint8Array, more: Record<string, Uint8Array | string> = {}): Uint8Array =>
  buildUki(corpus.stub(), { '.cmdline': COMMAND_LINE, '.initrd': INITRD, ...more, '.linux': linux });

const linuxOf = (file: Uint8Array): Uint8Array => parseUki(parsePe(file)).linux;

/** Has sbsigntool look at a file, which has to be signed by the key as its first signature. */
function sbverify(file: Uint8Array): void {
  withTemporaryFolder((folder) => {
    const path = join(folder, 'file');
    writeFileSync(path, file);
    expect(runProgram('sbverify', ['--cert', key.certificatePath, path])).toContain(
      'Signature verification OK',
    );
  });
}

/** Loads a file where nobody but the key is trusted: under enforce, and by a kernel that sees the Image alone. */
async function expectLoads(kernel: Uint8Array): Promise<void> {
  const keyrings = [{ name: 'builtin' as const, certificates: [parseCertificate(key.der, nodeHashes)] }];
  const store = { keyrings, blacklist: EMPTY_BLACKLIST };
  for (const policy of ['enforce', 'as-kernel'] as const) {
    const request = { kernel, trust: { store, policy, hashes: nodeHashes } };
    const result = await loadKernelFile(request, buildMachine({ kexecSignature: 'force' }), opening);
    if ('refusal' in result) throw result.refusal;
  }
}

/** The sections by name, as objdump has them: address in memory, and contents. */
function sections(file: Uint8Array): Map<string, { readonly address: number; readonly bytes: Uint8Array }> {
  return new Map(
    parsePe(file).sections.map(({ name, virtualAddress, virtualSize, bytes }) => [
      name,
      { address: virtualAddress, bytes: bytes.subarray(0, virtualSize) },
    ]),
  );
}

describe('the kernel in a UKI', { timeout: 60_000 }, () => {
  it('is signed, then the UKI, and tools and firmware can read both', async () => {
    const before = uki(DEBIAN);
    const { file, signed: what, notes } = await resign(before);
    expect({ what, notes }).toEqual({ what: ['Image', 'UKI'], notes: [] });
    sbverify(file);
    sbverify(linuxOf(file));
    await expectLoads(file);
    expect(Buffer.compare(removeSignatures(linuxOf(file), 'all'), DEBIAN)).toBe(0);
    const others = (of: Uint8Array) => [...sections(of)].filter(([name]) => name !== '.linux');
    expect(others(file)).toEqual(others(before));
    withTemporaryFolder((folder) => {
      const [path, linux] = [join(folder, 'uki'), join(folder, 'linux')];
      writeFileSync(path, file);
      runProgram('aarch64-linux-gnu-objcopy', ['-O', 'binary', '--only-section=.linux', path, linux]);
      expect(Buffer.compare(readFileSync(linux), linuxOf(file))).toBe(0);
      const size = /SizeOfImage\s+(\w+)/.exec(runProgram('aarch64-linux-gnu-objdump', ['-p', path]))?.[1];
      const { address, bytes } = sections(file).get('.linux') ?? expect.fail();
      expect(Number.parseInt(size ?? '', 16)).toBe(Math.ceil((address + bytes.length) / 4096) * 4096);
    });
  });

  it('has its new signature first, and the UKI has no old one', async () => {
    const before = signFile(uki(signFile(KERNEL, stranger)), stranger);
    const { file } = await resign(before);
    expect(parsePe(file).certificates).toHaveLength(1);
    expect(parsePe(linuxOf(file)).certificates).toHaveLength(2);
    await expectLoads(file);
    // Once more, and it is all the same but for one more signature.
    const again = await resign(file);
    expect(parsePe(linuxOf(again.file)).certificates).toHaveLength(3);
    await expectLoads(again.file);
  });

  it('moves the sections after it that are found by name', async () => {
    // It ends with a page, so that a signature needs another one.
    const parts = { '.linux': KERNEL, '.initrd': INITRD, '.cmdline': COMMAND_LINE };
    const close = closeBehind(buildUki(corpus.stub(), parts), '.linux');
    const { file } = await resign(close);
    const [old, moved] = [sections(close), sections(file)];
    expect(moved.get('.initrd')?.address).toBeGreaterThan(old.get('.initrd')?.address ?? Number.NaN);
    for (const name of ['.initrd', '.cmdline', '.text', '.data']) {
      expect(moved.get(name)?.bytes).toEqual(old.get(name)?.bytes);
    }
    const addresses = [...moved].flatMap(([, { address, bytes }]) => [address, address + bytes.length]);
    expect(addresses).toEqual(addresses.toSorted((a, b) => a - b));
    sbverify(file);
    await expectLoads(file);
  });

  it('moves no code', async () => {
    const before = closeBehind(buildUki(corpus.stub(), { '.linux': KERNEL, '.other': INITRD }), '.linux');
    expect(await refusal(before)).toMatchObject({ check: 'sign-inner', errno: 'EINVAL' });
  });

  it('may be padded with zeros, as ukify does, which are removed', async () => {
    const inner = signFile(KERNEL, stranger);
    const before = withVirtualSize(uki(inner), '.linux', 0x300_0000);
    expect(linuxOf(before).length % 512).toBe(0);
    const { file } = await resign(before);
    const { virtualSize } = parsePe(file).sections.find(({ name }) => name === '.linux') ?? expect.fail();
    expect(virtualSize).toBe(0x300_0000);
    await expectLoads(file);
  });

  it('no longer matches .pcrsig, and a note says so', async () => {
    const { notes } = await resign(uki(KERNEL, { '.pcrsig': '{}' }));
    expect(notes).toEqual([expect.stringContaining('PCR 11')]);
  });

  it.each<[string, Uint8Array, object]>([
    ['a second kernel', twoKernels(), { check: 'uki' }],
    ['a kernel that is no PE file', uki(new Uint8Array(4096).fill(1)), { check: 'pe-header' }],
  ])('is refused: %s', async (_, file, error) => {
    expect(await refusal(file)).toMatchObject(error);
  });
});

/** A UKI whose section is directly followed in memory by the next ones. */
function closeBehind(file: Uint8Array, name: string): Uint8Array {
  const { sections: all, sectionTable } = parsePe(file);
  const index = all.findIndex((one) => one.name === name);
  let address = all[index]?.virtualAddress ?? Number.NaN;
  return all.slice(index).reduce((changed, { virtualSize }, at) => {
    const field = sectionTable.start + (index + at) * 40 + SECTION_OFFSETS.virtualAddress;
    const result = changeNumber(changed, field, address);
    address = Math.ceil((address + virtualSize) / 4096) * 4096;
    return result;
  }, file);
}

function withVirtualSize(file: Uint8Array, name: string, size: number): Uint8Array {
  const { sections: all, sectionTable } = parsePe(file);
  const header = sectionTable.start + all.findIndex((one) => one.name === name) * 40;
  return changeNumber(file, header + SECTION_OFFSETS.virtualSize, size);
}

/** One for all, and one of a profile that is not the first. */
function twoKernels(): Uint8Array {
  const names = ['.linux', '.profile', '.profile', '.linux'];
  return buildPe({ sections: names.map((name) => ({ name, bytes: KERNEL })) });
}

describe('the kernel in a zboot image', { timeout: 120_000 }, () => {
  /** As the kernel's build makes it: filled up to its size in memory, and code behind the payload. */
  const padded = Buffer.concat([KERNEL, new Uint8Array(IMAGE_SIZE - KERNEL.length)]);
  const zboot = () => buildZboot(gzipSync(padded, { level: 1 }), 'gzip', padded.length);

  it('is signed and compressed in its place, then the zboot image is', async () => {
    const before = zboot();
    const { file, signed: what } = await resign(before);
    expect(what).toEqual(['Image', 'zboot image']);
    sbverify(file);
    await expectLoads(file);
    const { payload, payloadOffset } = parseZboot(file);
    const [decompressed, old] = [
      await (await nodeDecompress('gzip'))?.(payload, { limit: 1 << 28, atLimit: 'refuse' }),
      parseZboot(before),
    ];
    sbverify(decompressed ?? expect.fail());
    // What unpacks it finds the size in the same place: that in memory.
    const end = payloadOffset + old.payload.length;
    expect(Buffer.from(file).readUInt32LE(end - 4)).toBe(padded.length);
    expect(Buffer.compare(file.subarray(end, before.length), before.subarray(end))).toBe(0);
  });

  it('is refused without room for it', async () => {
    const tight = buildZboot(gzipSync(KERNEL, { level: 9 }), 'gzip', KERNEL.length);
    expect(await refusal(tight)).toMatchObject({
      check: 'sign-inner',
      seen: expect.stringMatching(
        /takes \d+ bytes \(0x\w+\), and there is room for \d+ \(0x\w+\); sign the Image before/,
      ),
    });
  });

  it('is signed within a UKI, too', async () => {
    const { file, signed: what } = await resign(uki(zboot()));
    expect(what).toEqual(['Image', 'zboot image', 'UKI']);
    sbverify(linuxOf(file));
    await expectLoads(file);
  });

  it('may be padded after its signature, which is removed', async () => {
    const inner = signFile(KERNEL, key);
    const image = Buffer.concat([inner, new Uint8Array(IMAGE_SIZE - inner.length)]);
    await expectLoads(buildZboot(gzipSync(image, { level: 1 }), 'gzip', image.length));
  });
});

describe('a compressed kernel', { timeout: 120_000 }, () => {
  it.each(['gzip', 'zstd'] as const)('by %s is signed, and compressed again', async (compressor) => {
    const { file, signed: what } = await resign(compress(KERNEL, compressor));
    expect(what).toEqual(['Image']);
    await expectLoads(file);
  });

  it.each<[string, () => Uint8Array]>([
    ['xz', () => compress(KERNEL.subarray(0, 5000), 'xz')],
    ['a zboot image by lzma', () => buildZboot(compress(KERNEL.subarray(0, 5000), 'lzma'), 'lzma', 5000)],
    ['a uImage', () => buildUimage(KERNEL.subarray(0, 5000), 'none')],
  ])('is refused: %s', async (_, file) => {
    expect(await refusal(file())).toMatchObject({
      check: 'sign-inner',
      seen: expect.stringContaining('sign the Image, then build this file from it'),
    });
  });
});

describe('a thousand mutations', { timeout: 60_000 }, () => {
  const wrapped = buildPe({ sections: ['.linux', '.initrd'].map((name) => ({ name, bytes: KERNEL })) });
  const unsigned = { sign: async (file: Uint8Array) => file, opening, compress: nodeCompress };

  it('of a UKI end in a file that can be read or in a KexecError', async () => {
    const change = fc.tuple(fc.nat({ max: 0x2ff }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const mutated = Uint8Array.from(wrapped);
        for (const [at, value] of changes) mutated[at] = value;
        try {
          const { file } = await signInner(mutated, unsigned);
          expect(parsePe(file).sections).toHaveLength(parsePe(mutated).sections.length);
        } catch (error) {
          if (!(error instanceof KexecError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});
