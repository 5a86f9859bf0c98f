import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDemoInitrd } from '../../scripts/demo/initrd.mjs';
import { hex } from '../../src/base/u64.js';
import { buildCpio } from '../../src/formats/cpio.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import {
  buildFit,
  buildUimage,
  buildUki,
  buildZboot,
  COMPRESSORS,
  type Compressor,
  compress,
  ZBOOT_NAMES,
} from '../support/kernel-files.js';
import { buildSmallDeviceTree } from '../support/machine.js';
import { linkVmlinux } from '../support/vmlinux.js';
import { BOOT_TIMEOUT, parseWitness, readWitnessImage } from '../support/witness.js';

/** The time limit of an emulated boot of Debian's kernel, in seconds; it takes 3 to 10. */
const PATIENCE = 120;
const GREETING = 'Hello from the second kernel';
const COMMAND_LINE = 'console=ttyAMA0 quiet retain_initrd greeting=hello';

/** Options that boot a file; without an initrd among them, the file contains one. */
function boot(contents: Uint8Array, options: readonly string[], initrd?: Uint8Array): string {
  const folder = makeTemporaryFolder();
  const [path, initrdPath] = [join(folder, 'kernel'), join(folder, 'initrd')];
  writeFileSync(path, contents);
  if (initrd !== undefined) writeFileSync(initrdPath, initrd);
  const withInitrd = initrd === undefined ? [] : ['--initrd', initrdPath];
  const { status, stdout, stderr } = runCli('boot', path, ...withInitrd, ...options);
  expect(stderr).not.toContain('refused');
  expect(status).toBe(0);
  return stdout;
}

describe('boot enters the Image, with its initrd, of', { timeout: BOOT_TIMEOUT }, () => {
  const image = readWitnessImage();
  const initrd = Uint8Array.from({ length: 100_003 }, (_, index) => (index * index) >> 3);
  let machine: string;
  beforeAll(() => {
    const { status, stdout } = runCli('machine', 'record', '--qemu', '--memory', '512M', '--smp', '1');
    expect(status).toBe(0);
    machine = stdout;
  });

  /** Expects the witness to report the wrapped Image and its initrd. */
  function expectWitness(
    file: Uint8Array,
    own: { readonly initrd?: boolean } = {},
  ): ReadonlyMap<string, string> {
    const path = join(makeTemporaryFolder(), 'machine.json');
    writeFileSync(path, machine);
    const options = ['--machine', path, '--timeout', '20'];
    const witness = parseWitness(boot(file, options, own.initrd === true ? undefined : initrd));
    expect(witness.get('image-crc32')).toBe(hex(crc32(image)));
    expect(witness.get('initrd-crc32')).toBe(hex(crc32(initrd)));
    return witness;
  }

  it.each(Object.keys(COMPRESSORS) as Compressor[])('a file that %s compressed', (compressor) => {
    expectWitness(compress(image, compressor));
  });

  it.each(Object.entries(ZBOOT_NAMES) as [Compressor, string][])(
    'a zboot image by %s',
    (compressor, name) => {
      expectWitness(buildZboot(compress(image, compressor), name, image.length));
    },
  );

  it('a UKI with its own initrd and command line', () => {
    const sections = { '.cmdline': `${COMMAND_LINE}\n`, '.initrd': initrd, '.linux': image };
    const witness = expectWitness(buildUki(corpus.stub(), sections), { initrd: true });
    expect(witness.get('bootargs')).toBe(COMMAND_LINE);
  });

  it.each(['none', 'gzip', 'lzma'] as const)('a uImage, compression %s', (compression) => {
    expectWitness(buildUimage(compression === 'none' ? image : compress(image, compression), compression));
  });

  it('a FIT with its own initrd', () => {
    const kernel = compress(image, 'gzip');
    expectWitness(buildFit({ kernel, compression: 'gzip', ramdisk: initrd }), { initrd: true });
  });

  it('a vmlinux', () => {
    expectWitness(linkVmlinux(image));
  });

  it('a zboot image in a UKI, by zstd', () => {
    const zboot = buildZboot(compress(image, 'zstd'), 'zstd', image.length);
    expectWitness(compress(buildUki(corpus.stub(), { '.linux': zboot }), 'zstd'));
  });
});

describe("boot reaches the greeting of the initrd, with Debian's kernel, from", {
  timeout: (PATIENCE + 10) * 1000,
}, () => {
  const kernel = () => new Uint8Array(readFileSync(corpus.cloudKernel()));
  const initrd = () => buildDemoInitrd(corpus.busybox(), buildCpio);

  function expectGreeting(contents: Uint8Array, options: readonly string[] = [], given?: Uint8Array): void {
    const stdout = boot(contents, ['--timeout', String(PATIENCE), ...options], given);
    expect(stdout).toContain(`command line: ${COMMAND_LINE}\r\n`);
    expect(stdout).toContain(GREETING);
  }
  const withCommandLine = ['--command-line', COMMAND_LINE];

  it('a UKI by its own initrd and command line', () => {
    const sections = { '.cmdline': `${COMMAND_LINE}\n`, '.initrd': initrd(), '.linux': kernel() };
    expectGreeting(buildUki(corpus.stub(), sections));
  });

  it('a zboot image', () => {
    const image = kernel();
    const zboot = buildZboot(compress(image, 'zstd'), 'zstd', image.length);
    expectGreeting(zboot, withCommandLine, initrd());
  });

  it('a FIT by its own initrd, and the device tree of the machine', () => {
    const images = {
      kernel: compress(kernel(), 'gzip', '-1'),
      ramdisk: initrd(),
      fdt: buildSmallDeviceTree(),
    };
    expectGreeting(buildFit({ ...images, compression: 'gzip' }), withCommandLine);
  });

  it('a vmlinux', () => {
    expectGreeting(linkVmlinux(kernel()), withCommandLine, initrd());
  });

  it('an xz file, at random places', () => {
    expectGreeting(compress(kernel(), 'xz'), [...withCommandLine, '--randomize', '7'], initrd());
  });
});
