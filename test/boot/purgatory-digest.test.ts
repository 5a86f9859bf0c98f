import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { buildPurgatoryFile, type PurgatoryRun, type Region, runUntil } from '../support/purgatory.js';
import { readWitnessImage } from '../support/witness.js';

const PL011 = { serial_kind: 1, serial_base: 0x0900_0000n };
const kernel = { physicalAddress: 0x4040_0000n, bytes: readWitnessImage(), memorySize: 0x4000n };
const VIRT = ['-M', 'virt', '-m', '6G', '-serial', 'stdio'];

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * "SHA-256 example" and the messages of FIPS 180's and NIST's "Examples with Intermediate Values", with their digests.
 */
const NIST: readonly (readonly [Uint8Array, string])[] = [
  [ascii('abc'), 'ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad'],
  [
    ascii('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
    '248d6a61 d20638b8 e5c02693 0c3e6039 a33ce459 64ff2167 f6ecedd4 19db06c1',
  ],
  [
    ascii(
      'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
    ),
    'cf5b16a7 78af8380 036ce59e 7b049237 0b249b11 e8f07a51 afac4503 7afee9d1',
  ],
  [
    new Uint8Array(1_000_000).fill(0x61),
    'cdc76e5c 9914fb92 81a1c7e2 84d73e67 f1809a48 a497200e 046d39cc c7112cd0',
  ],
];

/** Places regions one after the other from an address on, each on its own page. */
function onPages(start: bigint, contents: readonly (readonly [Uint8Array, Uint8Array])[]): Region[] {
  let at = start;
  return contents.map(([bytes, digest]) => {
    const region = { start: at, bytes, sha256: digest };
    at += BigInt(Math.ceil(bytes.length / 4096) * 4096);
    return region;
  });
}

const CORTEX_A57 = 'cortex-a57';
const NO_SIMD = 'max,pauth-impdef=on,vfp=off,neon=off';

const WAYS = [
  { how: "the CPU's instructions for it", use_sha2: 1, cpu: CORTEX_A57 },
  { how: 'SIMD instructions', use_sha2: 0, cpu: CORTEX_A57 },
  { how: 'base instructions', use_sha2: 1, cpu: NO_SIMD },
].flatMap((way) => [true, false].map((caches) => ({ ...way, caches })));

interface Expected {
  /** What purgatory prints of how it verifies. */
  readonly how?: string;
  readonly cpu?: string;
}

async function expectVerified(
  regions: readonly Region[],
  run: Partial<PurgatoryRun>,
  { how = '', cpu = CORTEX_A57 }: Expected = {},
): Promise<void> {
  const file = buildPurgatoryFile({ base: 0x4100_0000n, kernel, regions, ...run });
  const total = regions.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const expected = `verifying by SHA-256, with ${how}[^]*kexec-file: ${total} bytes verified[^]*witness: end`;
  await runUntil(file, new RegExp(expected), '-cpu', cpu, ...VIRT);
}

describe.each(WAYS)("purgatory's SHA-256 with $how, caches: $caches", ({ use_sha2, caches, ...expected }) => {
  const symbols = { ...PL011, use_sha2 };

  it("computes the digests of NIST's examples", async () => {
    const regions = onPages(
      0x4200_0000n,
      NIST.map(([bytes, digest]) => [bytes, fromHex(digest)] as const),
    );
    await expectVerified(regions, { symbols, caches }, expected);
  });

  it('computes the digest of every number of blocks up to 16, and of lengths around the ends of blocks', async () => {
    const regions = Array.from({ length: 16 }, (_, index) => {
      // 0, 1, 8 or 9 bytes less than whole blocks: with 9 less, the length has room in the last.
      const length = (index + 1) * 64 - (index % 2) - (index & 2) * 4;
      const bytes = Uint8Array.from({ length }, (__, at) => (at * at + index) >> 2);
      return [bytes, sha256(bytes)] as const;
    });
    await expectVerified(onPages(0x4200_0000n, regions), { symbols, caches }, expected);
  });

  it("computes Node's digests of random bytes of random lengths", async () => {
    const contents = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.uint8Array({ minLength: 1, maxLength: 20_000 }),
    );
    const sixteen = fc.array(contents, { minLength: 16, maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(sixteen, (all) =>
        expectVerified(
          onPages(
            0x4200_0000n,
            all.map((bytes) => [bytes, sha256(bytes)] as const),
          ),
          { symbols, caches },
          expected,
        ),
      ),
      { numRuns: 8, endOnFailure: true },
    );
  });
});

describe('purgatory reads regions at unusual addresses', () => {
  const bytes = Uint8Array.from({ length: 0x3000 }, (_, index) => (index * 7) >> 2);
  const regionAt = (start: bigint, length: number): Region => {
    const contents = bytes.subarray(0, length);
    return { start, bytes: contents, sha256: sha256(contents) };
  };

  it.each([
    { where: 'beyond 4 GiB', regions: [regionAt(0x1_2345_6000n, 0x3000)], base: 0x1_8000_1000n },
    {
      where: 'across 2 MiB and 1 GiB',
      regions: [regionAt(0x401f_f000n, 0x2000), regionAt(0x7fff_f000n, 0x2000)],
      base: 0xbfff_d000n,
    },
    {
      where: 'side by side, sixteen of them, on shared pages',
      regions: Array.from({ length: 16 }, (_, index) => regionAt(0x4200_0000n + BigInt(index * 520), 520)),
      base: 0x4100_0000n,
    },
    { where: 'of one byte', regions: [regionAt(0x4200_0000n, 1)], base: 0x4100_0000n },
    {
      where: 'next to purgatory itself',
      regions: [regionAt(0x40fe_d000n, 0x3000)],
      base: 0x40ff_0000n,
    },
  ])('$where', async ({ regions, base }) => {
    await expectVerified(regions, { base, symbols: PL011 });
  });
});
