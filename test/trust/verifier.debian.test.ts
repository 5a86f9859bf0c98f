import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../src/base/error.js';
import { Trail } from '../../src/base/trail.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { loadTrustStore } from '../../src/node/keys/keyrings.js';
import { EMPTY_BLACKLIST, type TrustStore } from '../../src/trust/keyrings/keyring.js';
import { parsePefile } from '../../src/trust/pe/pefile.js';
import { Verifier } from '../../src/trust/verifier.js';
import { corpus } from '../support/corpus.js';

const NOBODY: TrustStore = { keyrings: [], blacklist: EMPTY_BLACKLIST };
const debian = (): TrustStore => loadTrustStore({ keyrings: [corpus.shim()] }, nodeHashes);

function verdict(file: Uint8Array, store: TrustStore): string {
  try {
    new Verifier({ store, hashes: nodeHashes }).verifyPe(file);
    return 'ok';
  } catch (error) {
    if (error instanceof KexecError) return error.errno;
    throw error;
  }
}

describe("Debian's signed kernels", () => {
  it.each(corpus.kernels())(
    "$name is trusted with the CA out of Debian's shim, and without it is not",
    ({ path }) => {
      const kernel = new Uint8Array(readFileSync(path));
      const trail = new Trail();
      expect(new Verifier({ store: debian(), hashes: nodeHashes, trail }).verifyPe(kernel)).toMatchObject({
        signer: expect.stringMatching(/^Debian Secure Boot Signer/),
        anchor: 'Debian Secure Boot CA',
        keyring: 'machine',
        hash: 'sha256',
      });
      expect(trail.entries.map(({ check, verdict }) => [check, verdict])).toEqual([
        ['pe-wrapper', 'ok'],
        ['pkcs7-digest', 'ok'],
        ['trust', 'ok'],
        ['pe-digest', 'ok'],
      ]);
      expect(verdict(kernel, NOBODY)).toBe('ENOKEY');
    },
  );

  it('is refused with any one bit flipped, and restored, is trusted again', () => {
    const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));
    const store = debian();
    const { headerSize } = parsePefile(kernel);
    const sections = Array.from({ length: 24 }, (_, index) => headerSize + 1 + index * 1_400_003);
    for (const at of sections.filter((offset) => offset < kernel.length - 4096)) {
      const before = kernel[at] as number;
      kernel[at] = before ^ 1;
      expect(verdict(kernel, store)).toBe('EKEYREJECTED');
      kernel[at] = before;
    }
    expect(verdict(kernel, store)).toBe('ok');
  });

  it('changed and signed by an unknown key is ENOKEY, not EKEYREJECTED: the kernel checks trust first', () => {
    const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));
    kernel[0x20000] = (kernel[0x20000] as number) ^ 1;
    expect(verdict(kernel, NOBODY)).toBe('ENOKEY');
    expect(verdict(kernel, debian())).toBe('EKEYREJECTED');
  });

  it('searches the platform keyring only if no chain leads to the others', () => {
    const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));
    const store = loadTrustStore({ keyrings: [`platform:${corpus.shim()}`] }, nodeHashes);
    const trail = new Trail();
    expect(new Verifier({ store, hashes: nodeHashes, trail }).verifyPe(kernel).keyring).toBe('platform');
    expect(trail.entries).toContainEqual(
      expect.objectContaining({
        check: 'trust',
        verdict: 'note',
        detail: expect.stringContaining('platform'),
      }),
    );
  });

  it('does not load once its CA is revoked', () => {
    const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));
    const { keyrings, blacklist } = debian();
    const certificates = keyrings.flatMap((keyring) => keyring.certificates);
    expect(verdict(kernel, { keyrings, blacklist: { ...blacklist, certificates } })).toBe('EKEYREJECTED');
  });

  it('cut short anywhere is refused', () => {
    const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));
    const store = debian();
    for (const length of [0, 1, 63, 64, 100, 4096, 0x10000, 5_000_000, kernel.length - 1]) {
      expect(verdict(kernel.subarray(0, length), store)).toBe('ELIBBAD');
    }
  });
});
