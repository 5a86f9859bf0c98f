import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../src/base/range.js';
import { formatParameterSize } from '../../src/base/sizes.js';
import { estimateNeed, measureFiles } from '../../src/crash/estimate.js';
import { buildCpio } from '../../src/formats/cpio.js';
import { findArchitecture } from '../../src/kexec/architectures.js';
import { PRESETS } from '../../src/machine/presets/presets.js';
import { buildBzimage } from '../support/bzimage.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildCrashMachine } from '../support/crash.js';
import { listFindings } from '../support/doctor.js';
import { buildImage } from '../support/image.js';

const kernel = buildImage();

/** An initrd of 200 MiB of zeros, which gzip makes small. */
const initrd = gzipSync(buildCpio([{ name: 'big', type: 'file', bytes: new Uint8Array(200 << 20) }]), {
  level: 1,
});

describe('the estimate', () => {
  it('of a kernel file is that of the Image in it', () => {
    const folder = makeTemporaryFolder();
    const estimate = (name: string, bytes: Uint8Array): string => {
      writeFileSync(join(folder, name), bytes);
      const run = runCli('crash', 'estimate', join(folder, name), '--machine', 'qemu-virt', '--json');
      expect(run.stderr).toBe('');
      return run.stdout;
    };
    expect(estimate('Image.gz', gzipSync(kernel))).toBe(estimate('Image', kernel));
  });

  it('is known to doctor: the unpacked initrd counts, not a guess', () => {
    const machine = buildCrashMachine();
    const [finding] = listFindings('crash-region', machine, { kernel, initrd, panic: true });
    const { sum } = estimateNeed(
      measureFiles(findArchitecture(machine).measureKernel(kernel), initrd, machine),
      machine,
    );
    expect(finding?.fact).toMatch(
      /the initrd \d+[KM] \(201M unpacked\); when they run, they need about 3\d\dM, but only 256M/,
    );
    expect(finding?.fact).toContain(`about ${formatParameterSize(sum)},`);
  });

  it('of x86_64 is by the header of a bzImage', () => {
    const folder = makeTemporaryFolder();
    const path = join(folder, 'vmlinuz');
    writeFileSync(path, buildBzimage({ kernelAlignment: 0x100_0000 }));
    const { stdout, stderr } = runCli('crash', 'estimate', path, '--machine', 'qemu-q35', '--json');
    expect(stderr).toBe('');
    const { parts, usual, parameter } = JSON.parse(stdout) as {
      parts: { what: string; bytes: string; why: string }[];
      usual: { bytes: string };
      parameter: string;
    };
    expect(parts.slice(0, 2)).toEqual([
      // 0x37dc000 bytes.
      { what: 'kernel', bytes: '0x4000000', why: 'init_size, rounded up to 16 MiB' },
      {
        what: 'boot parameters and ELF core header',
        bytes: '0x112000',
        why: 'at most, with purgatory and a page of tables for each GiB of RAM',
      },
    ]);
    expect([usual.bytes, parameter]).toEqual(['0x10000000', 'crashkernel=256M']);
  });

  it('refuses a kernel of another architecture', () => {
    const path = join(makeTemporaryFolder(), 'vmlinuz');
    const estimate = (bytes: Uint8Array, machine: string): string => {
      writeFileSync(path, bytes);
      return runCli('crash', 'estimate', path, '--machine', machine).stderr;
    };
    expect(estimate(kernel, 'qemu-q35')).toMatch(/bzimage-header/);
    expect(estimate(buildBzimage(), 'qemu-virt')).toMatch(/image-magic/);
  });

  it("is known to doctor on x86_64: init_size counts, and the memory for the initrd's files", () => {
    const machine = { ...PRESETS['qemu-q35'](), crashRegion: { high: rangeOf(0x7000_0000n, 128n << 20n) } };
    const bzimage = buildBzimage();
    const [finding] = listFindings('crash-region', machine, { kernel: bzimage, panic: true }).filter(
      ({ fact }) => fact.startsWith('the kernel takes'),
    );
    expect(finding?.fact).toMatch(
      /^the kernel takes 56M; when they run, they need about 17\dM, but only 128M/,
    );
  });
});
