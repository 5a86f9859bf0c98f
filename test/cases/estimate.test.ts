import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { formatParameterSize } from '../../src/base/sizes.js';
import { estimateNeed, measureFiles } from '../../src/crash/estimate.js';
import { buildCpio } from '../../src/formats/cpio.js';
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
    const { sum } = estimateNeed(measureFiles(kernel, initrd), machine);
    expect(finding?.fact).toMatch(
      /the initrd \d+[KM] \(201M unpacked\); when they run, they need about 3\d\dM, but only 256M/,
    );
    expect(finding?.fact).toContain(`about ${formatParameterSize(sum)},`);
  });
});
