/** The purgatory of Debian's kernels: carved out, linked, and compared with what binutils say. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extractVmlinux } from '../../../../src/kernel-file/extract-vmlinux.js';
import { kexecFileLoad } from '../../../../src/kexec/file-load.js';
import { loadPurgatory } from '../../../../src/kexec/x86-64/purgatory/load-purgatory.js';
import { findKernelPurgatory } from '../../../../src/machine/x86-64/kernel-purgatory.js';
import { nodeDecompress } from '../../../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../../../src/node/codecs/node-hashes.js';
import { corpus } from '../../../support/corpus.js';
import { catchRefusal } from '../../../support/hostile.js';
import { runProgram, withTemporaryFolder } from '../../../support/programs.js';
import { buildX86Machine } from '../../../support/x86-pc.js';

const kernels = await Promise.all(
  corpus.x86Kernels().map(async ({ name, path }) => {
    const kernel = new Uint8Array(readFileSync(path));
    const purgatory = findKernelPurgatory(await extractVmlinux(kernel, nodeDecompress));
    if (purgatory?.object === undefined) throw new Error(`${name} has no purgatory`);
    return { name, kernel, purgatory, object: purgatory.object };
  }),
);

describe.each(kernels)('$name', ({ kernel, purgatory, object }) => {
  it('has the sizes that its kernel prints', () => {
    const { bufsz, memsz, alignment } = purgatory;
    expect([bufsz, memsz, alignment]).toEqual([0x4000n, 0x5000n, 0x1000n]);
  });

  it('has the symbols that readelf prints', () => {
    const laidOut = loadPurgatory(object);
    const text = withTemporaryFolder((folder) => {
      const path = join(folder, 'purgatory.ro');
      writeFileSync(path, object);
      return runProgram('readelf', ['-sW', path]);
    });
    const names = [...text.matchAll(/(\d+) OBJECT +GLOBAL +\S+ +\d+ (\S+)/g)];
    expect(names.length).toBeGreaterThan(2);
    for (const [, size, name = ''] of names) expect(laidOut.getSymbol(name).length, name).toBe(Number(size));
  });

  it('is linked into a load: registers, regions and digest', () => {
    const machine = buildX86Machine({}, { purgatory });
    const initrd = new Uint8Array(5000).fill(1);
    const request = { kernel, initrd, hashes: nodeHashes, options: { commandLine: 'quiet' } };
    const result = kexecFileLoad(request, machine);
    if ('refusal' in result) throw result.refusal;
    const { segments, entry } = result.kimage;
    const [own, params, loaded] = segments;
    if (own === undefined || params === undefined || loaded === undefined)
      throw new Error('too few segments');
    expect(entry).toBeGreaterThanOrEqual(own.mem);
    expect(entry).toBeLessThan(own.mem + 0x4000n);

    // A linker of another project finds the variables: the addresses are those of the linked bytes.
    const others = segments.slice(1);
    const regions = new Uint8Array(256);
    const digest = createHash('sha256');
    for (const [index, { mem, memsz, bytes }] of others.entries()) {
      new DataView(regions.buffer).setBigUint64(index * 16, mem, true);
      new DataView(regions.buffer).setBigUint64(index * 16 + 8, memsz, true);
      digest.update(bytes).update(new Uint8Array(Number(memsz) - bytes.length));
    }
    const bytes = Buffer.from(own.bytes);
    expect(bytes.indexOf(regions)).toBeGreaterThan(0);
    expect(bytes.indexOf(digest.digest())).toBeGreaterThan(0);
    const registers = Buffer.alloc(8 * 17);
    registers.writeBigUInt64LE(params.mem, 6 * 8);
    registers.writeBigUInt64LE(loaded.mem + 0x200n, 16 * 8);
    const at = bytes.indexOf(registers.subarray(5 * 8));
    expect(at).toBeGreaterThan(0);
    const stack = bytes.readBigUInt64LE(at - 8);
    expect(stack % 4096n).toBe(0n);
    expect(stack).toBeGreaterThan(own.mem);
    expect(stack).toBeLessThanOrEqual(own.mem + own.memsz);
  });

  it('of a crash kernel does not verify the header that hotplug changes', () => {
    const details = (crashElfcorehdrSize: bigint | undefined): string | undefined => {
      const x86 = { purgatory, ...(crashElfcorehdrSize === undefined ? {} : { crashElfcorehdrSize }) };
      const { crashElfcorehdrSize: _, ...without } = buildX86Machine({}, x86).x86;
      const machine = { ...buildX86Machine(), x86: { ...without, ...x86 } };
      const result = kexecFileLoad({ kernel, hashes: nodeHashes, options: { type: 'crash' } }, machine);
      return result.trail.find(({ check }) => check === 'purgatory-regions')?.detail;
    };
    expect(details(917616n)).toBe('purgatory verifies boot-params, kernel by SHA-256');
    expect(details(undefined)).toBe('purgatory verifies elfcorehdr, boot-params, kernel by SHA-256');
  });

  it('that is damaged ends in a refusal', () => {
    for (let at = 0; at < object.length; at += 97) {
      const damaged = Uint8Array.from(object);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      catchRefusal(() => loadPurgatory(damaged).link(0x10_0000n));
    }
  });
});
