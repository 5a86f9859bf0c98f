import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inspect } from '../../src/inspect/inspect-file.js';
import type { KernelSummary } from '../../src/inspect/kernel-summary.js';
import { formatInspected } from '../../src/view/text/inspected-text.js';
import { buildImage } from '../support/image.js';

const BANNER = 'Linux version 6.12.1 (root@host) (gcc (GCC) 14.2, GNU ld 2.43) #1 SMP today\n\0';

function buildKernel(): Uint8Array {
  const image = buildImage();
  image.set(new TextEncoder().encode(BANNER), 1024);
  return image;
}

describe('the kernel in a file, in a line', () => {
  it.each([
    ['an Image', buildKernel()],
    ['a compressed Image', new Uint8Array(gzipSync(buildKernel()))],
  ])('%s: release, compiler, and that it is not signed', async (_, file) => {
    const inspected = await inspect(file);
    expect(inspected.kernel).toEqual({
      release: '6.12.1',
      compiler: 'gcc (GCC) 14.2, GNU ld 2.43',
      build: '#1 SMP today',
    });
    const [first, second] = formatInspected('vmlinuz', inspected, { columns: 120 }).split('\n');
    expect(first).toBe('vmlinuz: Linux 6.12.1, compiled by gcc (GCC) 14.2, GNU ld 2.43, not signed');
    expect(second).toMatch(/^ {2}kind +(arm64 Image|gzip file)$/);
  });

  it('an Image without a banner', async () => {
    const shown = formatInspected('x', await inspect(buildImage()));
    expect(shown).toMatch(/^x: a kernel that names no release of Linux, not signed\n/);
  });

  it('names a signer so that the name cannot be read as more, and what around the kernel is not signed', () => {
    const kernel = { release: '6.12.1', signer: 'Evil) loads (x', unsigned: 'UKI' };
    expect(formatInspected('x', { kind: 'UKI', facts: {}, kernel }, { columns: 120 })).toMatch(
      /^x: Linux 6\.12\.1, signed by "Evil\) loads \(x" \(not verified\); the UKI around it is not signed\n/,
    );
  });

  it('gives the reason why a signer is unknown, which no name of a certificate can be taken for', () => {
    const first = (kernel: KernelSummary): string | undefined =>
      formatInspected('x', { kind: 'UKI', facts: {}, kernel }, { columns: 120 }).split('\n')[0];
    const release = '6.12.1';
    expect(first({ release, signerUnknown: 'its certificate is not in the signature' })).toBe(
      'x: Linux 6.12.1, signed by unknown: its certificate is not in the signature (not verified)',
    );
    expect(first({ release, signer: 'unknown: Debian' })).toBe(
      'x: Linux 6.12.1, signed by "unknown: Debian" (not verified)',
    );
  });

  it('numbers of bytes are for people, with the digits of JSON', () => {
    const facts = {
      imageSize: '0x2240000',
      textOffset: '0x80000',
      deviceTree: '0x1d0e bytes',
      sections: [{ name: '.text', offset: '0x10000', size: '0x200' }],
    };
    expect(formatInspected('x', { kind: 'a file', facts }).split('\n')).toEqual([
      'x: a file',
      '  imageSize   34.25 MiB (0x2240000)',
      '  textOffset  0x80000',
      '  deviceTree  7.26 KiB (0x1d0e)',
      '  sections',
      '    name .text, offset 0x10000, size 512 bytes',
    ]);
  });
});
