import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import type { FdtNode } from '../../../src/formats/fdt/tree.js';
import { buildFdtFromFolder } from '../../../src/machine/collect/device-tree-folder.js';
import { PRESETS } from '../../../src/machine/presets/presets.js';

/**
 * The files of a node below /proc/device-tree: one for each property, and the property `name`, which the kernel adds.
 */
function shown(node: FdtNode, path: string, files = new Map<string, Uint8Array>()): Map<string, Uint8Array> {
  files.set(`${path}/name`, new TextEncoder().encode(`${node.name.replace(/@.*/, '')}\0`));
  for (const { name, value } of node.properties) files.set(`${path}/${name}`, value);
  for (const child of node.children) shown(child, `${path}/${child.name}`, files);
  return files;
}

/** A tree as a value without order. */
function unordered(node: FdtNode): unknown {
  return {
    properties: Object.fromEntries(
      node.properties.map(({ name, value }) => [name, Buffer.from(value).toString('hex')]),
    ),
    children: Object.fromEntries(node.children.map((child) => [child.name, unordered(child)])),
  };
}

describe('a device tree as a folder', () => {
  it("is converted back to QEMU's flattened tree", async () => {
    const { root } = parseFdt((await PRESETS['qemu-virt']?.())?.arm64.deviceTree ?? new Uint8Array(0));
    const folder = buildFdtFromFolder('device-tree', shown(root, 'device-tree')) ?? new Uint8Array(0);
    expect(unordered(parseFdt(folder).root)).toEqual(unordered(root));
  });

  it('is undefined without collected files', () => {
    expect(buildFdtFromFolder('device-tree', new Map([['fdt', new Uint8Array(4)]]))).toBeUndefined();
  });

  it('is refused if it is too deep', () => {
    const deep = new Map([[`device-tree/${'a/'.repeat(100_000)}reg`, new Uint8Array(4)]]);
    expect(() => buildFdtFromFolder('device-tree', deep)).toThrow(
      expect.objectContaining({ check: 'dtb-structure', errno: 'EINVAL' }),
    );
  });

  it('is valid or refused for any names', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (names) => {
        const files = new Map(names.map((name) => [`device-tree/${name}`, new Uint8Array(4)]));
        try {
          const bytes = buildFdtFromFolder('device-tree', files);
          if (bytes !== undefined) parseFdt(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(KexecError);
        }
      }),
    );
  });
});
