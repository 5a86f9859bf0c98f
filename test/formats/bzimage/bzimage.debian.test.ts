import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseBzimageHeader } from '../../../src/formats/bzimage/header.js';
import { isX86Vmlinux, parseX86Vmlinux } from '../../../src/formats/elf/x86-vmlinux.js';
import { inspect } from '../../../src/inspect/inspect-file.js';
import { extractVmlinux } from '../../../src/kernel-file/extract-vmlinux.js';
import { nodeDecompress } from '../../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { corpus } from '../../support/corpus.js';
import { runProgram } from '../../support/programs.js';

const OPENING = { decompress: nodeDecompress, hashes: nodeHashes };

describe.each(corpus.x86Kernels())('$package', ({ path }) => {
  const kernel = new Uint8Array(readFileSync(path));

  it('has the build that file(1) prints', () => {
    const words = runProgram('file', ['--brief', path]).match(/bzImage, version (.*?), RO-rootFS/);
    expect(parseBzimageHeader(kernel).build).toBe(words?.[1]);
  });

  it('has a vmlinux in it', async () => {
    const vmlinux = await extractVmlinux(kernel, nodeDecompress);
    expect(isX86Vmlinux(vmlinux)).toBe(true);
    const [first] = parseX86Vmlinux(vmlinux).loads;
    expect(first?.physicalAddress).toBe(0x1000000n);
    expect(await inspect(vmlinux, OPENING)).toMatchObject({ kind: 'vmlinux for x86_64' });
  });

  it('is inspected', async () => {
    const { kind, facts, kernel: summary } = await inspect(kernel, OPENING);
    expect(kind).toBe('bzImage');
    expect(facts).toMatchObject({ protocol: '2.15', prefAddress: '0x1000000', pe: { machine: '0x8664' } });
    expect(summary?.release).toMatch(/^6\.\d+\.\d+.*-cloud-amd64$/);
    expect(summary?.signer).toMatch(/Debian Secure Boot Signer/);
  });
});
