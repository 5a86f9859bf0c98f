import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import type { LoadResult } from '../../../src/kexec/file-load.js';
import { explain } from '../../../src/node/live/load-files.js';
import { LoadRefusedError } from '../../../src/node/live/refused.js';

const kernelSays = new KexecError('kexec-file-load', 'EKEYREJECTED', 'the call');
const refusedWith = (errno: 'EKEYREJECTED' | 'ENOKEY'): LoadResult => ({
  refusal: new KexecError('trust', errno, 'nobody knows the signer'),
  trail: [],
});

describe("the kernel's refusal", () => {
  it('is told by our check where it was predicted', () => {
    const { check, errno, seen } = explain(kernelSays, refusedWith('EKEYREJECTED'));
    expect({ check, errno, seen }).toEqual({
      check: 'trust',
      errno: 'EKEYREJECTED',
      seen: 'nobody knows the signer; the call, as predicted',
    });
  });

  it('is told with the prediction where that was another', () => {
    const { check, errno, seen } = explain(kernelSays, refusedWith('ENOKEY'));
    expect({ check, errno, seen }).toEqual({
      check: 'kexec-file-load',
      errno: 'EKEYREJECTED',
      seen: 'the call; predicted was ENOKEY (trust): nobody knows the signer',
    });
  });

  it('is told with the prediction where that was that it loads', () => {
    const kimage = { type: 'default', entry: 0n, segments: [] } as const;
    expect(explain(kernelSays, { kimage, trail: [] }).seen).toBe('the call; predicted was that it loads');
  });
});

describe('the refusal of a kernel without the call', () => {
  it('is told without a prediction: the kernel has not looked at the files', () => {
    const error = new KexecError('kexec-file-load', 'ENOSYS', 'the call');
    expect(explain(error, refusedWith('ENOKEY'))).toBe(error);
  });
});

describe('LoadRefusedError', () => {
  it("is its trail's last entry, once", () => {
    const first = new LoadRefusedError(kernelSays, [
      { check: 'image-magic', verdict: 'ok', detail: 'an Image' },
    ]);
    expect(first.trail).toEqual([
      { check: 'image-magic', verdict: 'ok', detail: 'an Image' },
      { check: 'kexec-file-load', verdict: 'refused', errno: 'EKEYREJECTED', detail: 'the call' },
    ]);
    expect(new LoadRefusedError(kernelSays, first.trail).trail).toEqual(first.trail);
  });
});
