import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import type { LoadResult } from '../../../src/kexec/file-load.js';
import { explainRefusal } from '../../../src/node/live/explain-refusal.js';
import { LoadRefusedError } from '../../../src/node/live/load-refused-error.js';

const kernelSays = new KexecError('kexec-file-load', 'EKEYREJECTED', 'the call');
const refusedWith = (errno: 'EKEYREJECTED' | 'ENOKEY'): LoadResult => ({
  refusal: new KexecError('trust', errno, 'nobody knows the signer'),
  trail: [],
});

describe("the kernel's refusal", () => {
  it('is reported as our check if it was predicted', () => {
    const { check, errno, seen } = explainRefusal(kernelSays, refusedWith('EKEYREJECTED'));
    expect({ check, errno, seen }).toEqual({
      check: 'trust',
      errno: 'EKEYREJECTED',
      seen: 'nobody knows the signer; the call, as predicted',
    });
  });

  it('is reported with the prediction if that was another refusal', () => {
    const { check, errno, seen } = explainRefusal(kernelSays, refusedWith('ENOKEY'));
    expect({ check, errno, seen }).toEqual({
      check: 'kexec-file-load',
      errno: 'EKEYREJECTED',
      seen: 'the call; the prediction was ENOKEY (trust): nobody knows the signer',
    });
  });

  it('is reported with the prediction if a load was predicted', () => {
    const kimage = { type: 'default', entry: 0n, segments: [] } as const;
    expect(explainRefusal(kernelSays, { kimage, trail: [] }).seen).toBe('the call; it was predicted to load');
  });
});

describe('the refusal of a kernel without the call', () => {
  it('is reported without a prediction: the kernel has not examined the files', () => {
    const error = new KexecError('kexec-file-load', 'ENOSYS', 'the call');
    expect(explainRefusal(error, refusedWith('ENOKEY'))).toBe(error);
  });
});

describe('LoadRefusedError', () => {
  it('is the last entry of its trail, once', () => {
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
