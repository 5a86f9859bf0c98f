import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { computeDigest, type Hashes, type HashName } from '../../src/trust/hashes.js';
import { digestByBrowser } from '../../web/jobs/browser-digests.js';

const MIB = 1 << 20;
const FILE = new Uint8Array(3 * MIB).map((_, at) => at % 251);
const [START, END] = [FILE.subarray(0, MIB), FILE.subarray(2 * MIB)];

const digest = (name: string, ...parts: readonly Uint8Array[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash(name)).digest('hex');

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

afterEach(() => vi.unstubAllGlobals());

describe('digests by the browser', () => {
  it.each(['sha1', 'sha256', 'sha384', 'sha512'] as const)('are those of %s over parts', async (name) => {
    const subtle = vi.spyOn(globalThis.crypto.subtle, 'digest');
    const work = vi.fn((hashes: Hashes) => hex(computeDigest(hashes, name, START, END)));
    expect(await digestByBrowser(FILE, work)).toBe(digest(name, START, END));
    expect(subtle).toHaveBeenCalledOnce();
    expect(work).toHaveBeenCalledTimes(2);
    subtle.mockRestore();
  });

  it('may each depend on the one before', async () => {
    const work = (hashes: Hashes): string => {
      const first = computeDigest(hashes, 'sha256', FILE);
      const name: HashName = hex(first) === digest('sha256', FILE) ? 'sha512' : 'sha1';
      return hex(computeDigest(hashes, name, FILE));
    };
    expect(await digestByBrowser(FILE, work)).toBe(digest('sha512', FILE));
  });

  it.each([
    ['of a few bytes', 'sha256', [FILE.subarray(0, 100)]],
    ['of bytes that are not of the file', 'sha256', [FILE.slice()]],
    ['that the browser does not have', 'sha3-256', [FILE]],
  ] as const)('are computed at once, %s', async (_, name, parts) => {
    const work = vi.fn((hashes: Hashes) => hex(computeDigest(hashes, name, ...parts)));
    expect(await digestByBrowser(FILE, work)).toBe(digest(name, ...parts));
    expect(work).toHaveBeenCalledOnce();
  });

  it('are computed in JavaScript where the browser has none', async () => {
    vi.stubGlobal('crypto', {});
    const work = vi.fn((hashes: Hashes) => hex(computeDigest(hashes, 'sha256', FILE)));
    expect(await digestByBrowser(FILE, work)).toBe(digest('sha256', FILE));
    expect(work).toHaveBeenCalledOnce();
  });

  it('of work without an end are computed in JavaScript, too', async () => {
    let start = 0;
    const work = (hashes: Hashes): string => {
      start += 1;
      return hex(computeDigest(hashes, 'sha1', FILE.subarray(start)));
    };
    expect(await digestByBrowser(FILE, work)).toBe(digest('sha1', FILE.subarray(start)));
  });
});
