import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeMmfr0 } from '../../src/machine/arm64/cpus.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { BOOT_TIMEOUT, parseWitness, readWitnessImage } from '../support/witness.js';

/** Offset of the flags in the Image's header, and the flags of a little-endian Image that may lie anywhere. */
const FLAGS_OFFSET = 24;
const PLACE_ANYWHERE = 0b1000;

it.each([
  ['4 KiB', 1],
  ['16 KiB', 2],
  ['64 KiB', 3],
])('boot --cpu max starts a kernel for pages of %s', { timeout: BOOT_TIMEOUT }, (_, pageSize) => {
  const image = join(makeTemporaryFolder(), 'Image');
  const bytes = readWitnessImage();
  bytes[FLAGS_OFFSET] = PLACE_ANYWHERE | (pageSize << 1);
  writeFileSync(image, bytes);
  const args = ['--cpu', 'max', '--memory', '256M', '--timeout', '20'];
  const { status, stdout } = runCli('boot', image, ...args);
  expect(status).toBe(0);
  const mmfr0 = BigInt(parseWitness(stdout).get('mmfr0') ?? '');
  expect(decodeMmfr0(mmfr0)).toEqual({ granules: [4096, 16384, 65536], mixedEndian: true });
});
