import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/u64.js';
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
import { linkVmlinux } from '../support/vmlinux.js';
import { BOOT_TIMEOUT, parseWitness, readWitnessImage } from '../support/witness.js';
import {
  boot,
  buildGreeter,
  COMMAND_LINE,
  expectGreeting,
  GREETING_TIMEOUT,
  readKernel,
} from './booted-files.js';

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
  timeout: GREETING_TIMEOUT,
}, () => {
  it('a UKI by its own initrd and command line', () => {
    const sections = { '.cmdline': `${COMMAND_LINE}\n`, '.initrd': buildGreeter(), '.linux': readKernel() };
    expectGreeting(buildUki(corpus.stub(), sections));
  });
});
