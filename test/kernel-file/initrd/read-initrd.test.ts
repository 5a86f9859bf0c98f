import { describe, expect, it } from 'vitest';
import { portableDecompress } from '../../../src/formats/compression/decompress.js';
import { readInitrd } from '../../../src/kernel-file/initrd/read-initrd.js';
import { readAnswers } from '../../conformance/initrd/recorded-initrds.js';

/**
 * The kernel says nothing, and files are missing or wrong all the same: it compares no checksum, or stops in silence.
 */
const STRICTER = [
  /^gzip with a (damaged byte|damaged last byte|wrong CRC)$/,
  /^cpio cut in/,
  /^odc format$/,
  /^cpio with a (name of 1 MiB|file of 2 GiB)$/,
  /^one 0$/,
  // QEMU itself takes the header off.
  /^uImage of a ramdisk$/,
];

describe('an initrd is unpacked as the recorded kernel did', () => {
  const answers = readAnswers();
  it.each(answers)('$name', async ({ name, said, bytes }) => {
    const { problem, bound } = await readInitrd(bytes, portableDecompress);
    expect(bound).toBeUndefined();
    const isRefused = said !== '' || STRICTER.some((pattern) => pattern.test(name));
    expect(problem === undefined ? 'unpacked' : 'refused', problem?.seen).toBe(
      isRefused ? 'refused' : 'unpacked',
    );
  });
});
