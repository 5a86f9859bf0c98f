import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNode, setProperty } from '../../src/formats/fdt/edit.js';
import { parseFdt } from '../../src/formats/fdt/parse.js';
import type { Fdt, FdtNode } from '../../src/formats/fdt/tree.js';
import { encodeString, encodeU32 } from '../../src/formats/fdt/values.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { isFit, parseFit } from '../../src/formats/fit.js';
import { catchRefusal } from '../support/hostile.js';
import { buildFit } from '../support/kernel-files.js';
import { buildSmallDeviceTree } from '../support/machine.js';

const KERNEL = Uint8Array.from({ length: 1000 }, (_, at) => at & 0xff);
const RAMDISK = new Uint8Array(333).fill(9);
const parts = { kernel: KERNEL, ramdisk: RAMDISK, fdt: buildSmallDeviceTree() };
const FILE = buildFit(parts);

/** The FIT with something in its tree changed. */
function changed(change: (fdt: Fdt, node: (path: string) => FdtNode) => void): Uint8Array {
  const fdt = parseFdt(FILE);
  change(fdt, (path) => {
    const node = findNode(fdt.root, path);
    if (node === undefined) throw new Error(`no ${path}`);
    return node;
  });
  return writeFdt(fdt);
}

/** The FIT with its kernel's data said to be elsewhere. */
function withKernelAt(where: 'data-offset' | 'data-position', at: number, size: number): Uint8Array {
  return changed((fdt, node) => {
    const kernel = node('/images/kernel-1');
    kernel.properties = kernel.properties.filter(({ name }) => name !== 'data');
    setProperty(fdt, kernel, where, encodeU32(at));
    setProperty(fdt, kernel, 'data-size', encodeU32(size));
  });
}

describe('parseFit', () => {
  it.each([
    ['in the tree', []],
    ['behind the tree', ['-E']],
    ['at a position', ['-E', '-p', '0x2000']],
  ])('reads what mkimage wrote, data %s', (_, options) => {
    const file = buildFit({ ...parts, options });
    expect(isFit(parseFdt(file).root)).toBe(true);
    const { entries, images, configuration } = parseFit(file);
    const configurations = entries.map(({ name }) => name);
    expect(configurations).toEqual(['conf-1', 'conf-2']);
    expect(images).toEqual(['kernel-1', 'ramdisk-1', 'fdt-1']);
    expect(configuration).toMatchObject({ name: 'conf-2', overlays: [], isSigned: false });
    const { kernel, ramdisk, fdt } = configuration;
    expect(kernel).toMatchObject({ type: 'kernel', os: 'linux', arch: 'arm64', compression: 'none' });
    expect(kernel.hashes.map(({ algorithm, value }) => [algorithm, value.length])).toEqual([['sha256', 32]]);
    expect([kernel, ramdisk, fdt].map((image) => Buffer.from(image?.data ?? []).toString('hex'))).toEqual(
      [KERNEL, RAMDISK, parts.fdt].map((data) => Buffer.from(data).toString('hex')),
    );
  });

  it('uses the configuration that is named, or the default, and never the first for want of one', () => {
    expect(parseFit(FILE, { name: 'conf-1' }).configuration.ramdisk).toBeUndefined();
    const noDefault = changed((_, node) => {
      const configurations = node('/configurations');
      configurations.properties = [];
    });
    expect(catchRefusal(() => parseFit(noDefault))).toMatchObject({ check: 'fit', errno: 'ENOEXEC' });
    expect(parseFit(noDefault, { name: 'conf-1' }).reason).toBe('named');
  });

  it.each<[string, () => Uint8Array]>([
    ['a device tree that is none', () => buildSmallDeviceTree()],
    [
      'a default that is not there',
      () => changed((fdt, node) => setProperty(fdt, node('/configurations'), 'default', encodeString('x'))),
    ],
    [
      'a configuration without a kernel',
      () =>
        changed((_, node) => {
          node('/configurations/conf-2').properties = [];
        }),
    ],
    [
      'a kernel that is not there',
      () =>
        changed((fdt, node) => setProperty(fdt, node('/configurations/conf-2'), 'kernel', encodeString('x'))),
    ],
    [
      'a ramdisk for a kernel',
      () =>
        changed((fdt, node) =>
          setProperty(fdt, node('/configurations/conf-2'), 'kernel', encodeString('ramdisk-1')),
        ),
    ],
    [
      'a kernel for another architecture',
      () => changed((fdt, node) => setProperty(fdt, node('/images/kernel-1'), 'arch', encodeString('arm'))),
    ],
    [
      'a hash without a value',
      () =>
        changed((_, node) => {
          const hash = node('/images/kernel-1/hash-1');
          hash.properties = hash.properties.filter(({ name }) => name !== 'value');
        }),
    ],
    ['data that leaves the file', () => withKernelAt('data-offset', 0, 0xffff_ffff)],
    ['data behind the file', () => withKernelAt('data-offset', 0xffff_fff0, 16)],
    ['data that is the FIT itself', () => withKernelAt('data-position', 0, 1000)],
  ])('refuses %s', (_, file) => {
    expect(catchRefusal(() => parseFit(file()))).toMatchObject({ check: 'fit', errno: 'ENOEXEC' });
  });

  it('a thousand mutations of it end in a value or a KexecError', () => {
    const change = fc.tuple(fc.nat({ max: FILE.length - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const mutated = Uint8Array.from(FILE);
        for (const [at, value] of changes) mutated[at] = value;
        catchRefusal(() => parseFit(mutated));
      }),
      { numRuns: 1000 },
    );
  });
});
