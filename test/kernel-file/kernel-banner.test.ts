import { describe, expect, it } from 'vitest';
import { findBanner } from '../../src/kernel-file/kernel-banner.js';
import { buildBzimage } from '../support/bzimage.js';
import { buildImage } from '../support/image.js';

const GCC = 'aarch64-linux-gnu-gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40';

/** An Image that contains a text. */
function imageWith(text: string): Uint8Array {
  const image = buildImage();
  image.set(new TextEncoder().encode(text), 1000);
  return image;
}

it('of a bzImage is in its setup header', () => {
  const version = '#1 SMP PREEMPT_DYNAMIC Debian 6.12.117-1 (2026-11-14)';
  const build = `6.12.117-cloud-amd64 (debian-kernel@lists) ${version}`;
  expect(findBanner(buildBzimage({ build }))).toEqual({
    offset: 0x300,
    release: '6.12.117-cloud-amd64',
    version,
  });
  expect(findBanner(buildBzimage({ build: '6.12.1' }))).toEqual({ offset: 0x300, release: '6.12.1' });
  expect(findBanner(buildBzimage({ build: 'no number' }))).toBeUndefined();
});

describe('the banner of a kernel', () => {
  it('has the release, the compiler, and the version of the build', () => {
    const banner = `Linux version 6.12.117+deb12 (debian-kernel@lists) (${GCC}) #1 SMP Debian 6.12.117-1 (2026-05-01)\n\0`;
    expect(findBanner(imageWith(banner))).toEqual({
      offset: 1000,
      release: '6.12.117+deb12',
      compiler: GCC,
      version: '#1 SMP Debian 6.12.117-1 (2026-05-01)',
    });
  });

  it('is the first text with a release after "Linux version"', () => {
    expect(findBanner(imageWith('Linux version %s, Linux version 6.1 #1'))).toMatchObject({ release: '6.1' });
    expect(findBanner(imageWith('Linux version '))).toBeUndefined();
    expect(findBanner(imageWith(`Linux version 6${'1'.repeat(100)} `))).toBeUndefined();
    expect(findBanner(new TextEncoder().encode('Linux version 6'))).toBeUndefined();
    expect(findBanner(new Uint8Array(0))).toBeUndefined();
  });

  it('is the one at the beginning of read-only data, else the first anywhere', () => {
    const image = new Uint8Array(1 << 18);
    const put = (text: string, at: number) => image.set(new TextEncoder().encode(text), at);
    put('Linux version 6.1 #1', 0x9000);
    expect(findBanner(image)).toMatchObject({ offset: 0x9000, release: '6.1' });
    put('Linux version %s', 0x200c8);
    expect(findBanner(image)).toMatchObject({ offset: 0x9000, release: '6.1' });
    put('Linux version 6.12 #1', 0x300c8);
    expect(findBanner(image)).toMatchObject({ offset: 0x300c8, release: '6.12' });
  });

  it('has no compiler if it is cut short, or of another form', () => {
    for (const rest of ['(a@b', '(a@b) (gcc', '(a@b) gcc', 'a@b (gcc) #1', '(a@b)\n(gcc) #1']) {
      expect(findBanner(imageWith(`Linux version 6.1 ${rest}\0`))).toMatchObject({ release: '6.1' });
    }
  });

  it('is not searched without end in a file that repeats its beginning', () => {
    expect(
      findBanner(new TextEncoder().encode(`${'Linux version '.repeat(1000)}Linux version 6.1 `)),
    ).toBeUndefined();
  });
});
