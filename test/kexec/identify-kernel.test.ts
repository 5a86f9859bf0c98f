import { describe, expect, it } from 'vitest';
import type { TrailEntry } from '../../src/base/trail.js';
import { identifyKernel } from '../../src/kexec/identify-kernel.js';
import { buildImage, buildStubImage } from '../support/image.js';

const IMAGE = buildStubImage();
const GZIP = Uint8Array.of(0x1f, 0x8b);
const NOT_VERIFIED: TrailEntry = {
  check: 'signature',
  verdict: 'note',
  detail: 'not verified: no keyring was given',
};
const HOLDS: TrailEntry = { check: 'signature', verdict: 'ok', detail: 'signed by A', signer: 'A' };
const identify = (
  trail: readonly TrailEntry[],
  image: Uint8Array | undefined = IMAGE,
  file = image ?? IMAGE,
) => identifyKernel({ file, image, trail });

describe('the kernel of a load', () => {
  it('is named by its banner', () => {
    const image = buildImage();
    image.set(new TextEncoder().encode('Linux version 6.12.1-test (a@b) (gcc) #1\0'), 100);
    expect(identify([], image).release).toBe('6.12.1-test');
    expect(identify([])).not.toHaveProperty('release');
  });

  it('is signed by whom its verified signature names, and that of the file around it', () => {
    expect(identify([HOLDS])).toEqual({ signature: 'holds', signer: 'A' });
    const covered: TrailEntry = {
      check: 'signature',
      verdict: 'ok',
      detail: 'the signature of the UKI covers it',
    };
    expect(identify([HOLDS, covered])).toEqual({ signature: 'holds', signer: 'A' });
    expect(identify([covered])).toEqual({ signature: 'holds' });
  });

  it('is unsigned if no PE file of it has a signature', () => {
    expect(identify([NOT_VERIFIED])).toEqual({ signature: 'none' });
    expect(identify([NOT_VERIFIED], buildImage())).toEqual({ signature: 'none' });
    // What is inside a compressed file may be signed.
    expect(identify([NOT_VERIFIED], IMAGE, GZIP)).toEqual({ signature: 'not verified' });
  });

  it('has a signature that does not hold if the policy found so', () => {
    const bad: TrailEntry = {
      check: 'signature',
      verdict: 'note',
      detail: 'EKEYREJECTED (pe-digest): changed',
    };
    expect(identify([bad], IMAGE, GZIP)).toEqual({ signature: 'does not hold' });
    const refused: TrailEntry = {
      check: 'pe-digest',
      verdict: 'refused',
      errno: 'EKEYREJECTED',
      detail: 'changed',
    };
    expect(identify([refused], IMAGE, GZIP)).toEqual({ signature: 'does not hold' });
    // A certificate may be named like this.
    const named: TrailEntry = {
      check: 'pkcs7-time',
      verdict: 'refused',
      errno: 'EKEYREJECTED',
      detail: 'the certificate of ENOKEY (trust): A was not valid',
    };
    expect(identify([named], IMAGE, GZIP)).toEqual({ signature: 'does not hold' });
  });

  it('has a signature that is not trusted, or revoked, if the signature itself holds', () => {
    const judge = (trail: readonly TrailEntry[]) => identify(trail, IMAGE, GZIP);
    const refuse = (check: TrailEntry['check']): TrailEntry => ({ check, verdict: 'refused', detail: 'no' });
    const note = (detail: string): TrailEntry => ({ check: 'signature', verdict: 'note', detail });
    expect(judge([refuse('trust')])).toEqual({ signature: 'not trusted' });
    expect(judge([refuse('blacklist')])).toEqual({ signature: 'revoked' });
    expect(judge([note('ENOKEY (trust): nobody knows it; loaded all the same')])).toEqual({
      signature: 'not trusted',
    });
    const lockdown: TrailEntry = {
      check: 'lockdown',
      verdict: 'refused',
      detail: 'lockdown is integrity, and the signature does not hold: EKEYREJECTED (blacklist): revoked',
    };
    expect(judge([lockdown])).toEqual({ signature: 'revoked' });
  });

  it('is not judged by a load that ended before its signature', () => {
    const refused: TrailEntry = {
      check: 'image-magic',
      verdict: 'refused',
      errno: 'EINVAL',
      detail: 'no Image',
    };
    expect(identifyKernel({ file: Uint8Array.of(1), image: undefined, trail: [refused] })).toEqual({});
    expect(identify([refused], IMAGE, GZIP)).toEqual({});
  });
});
