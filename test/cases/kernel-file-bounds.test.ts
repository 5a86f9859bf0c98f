/** Work that a kernel file multiplies: each of these took minutes, gigabytes or a stack without its bound. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../src/base/error.js';
import { addNode, setProperty } from '../../src/formats/fdt/edit.js';
import { createFdt, type FdtNode } from '../../src/formats/fdt/tree.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { parsePe } from '../../src/formats/pe/parse.js';
import { listProfiles } from '../../src/formats/uki.js';
import { buildImage } from '../support/image.js';
import { tryInspect, tryPlan } from '../support/kernel-trials.js';
import { buildPe } from '../support/pe.js';

const text = (characters: string): Uint8Array => new TextEncoder().encode(characters);
const EMPTY = new Uint8Array(0);
const repeat = (count: number, bytes: Uint8Array): Uint8Array => {
  const all = new Uint8Array(count * bytes.length);
  for (let at = 0; at < all.length; at += bytes.length) all.set(bytes, at);
  return all;
};

/** A FIT with one configuration and one kernel, and more nodes. */
function buildFit(add: (images: FdtNode, configurations: FdtNode) => void): Uint8Array {
  const fdt = createFdt();
  const [images, configurations] = [addNode(fdt.root, 'images'), addNode(fdt.root, 'configurations')];
  const kernel = addNode(images, 'k');
  for (const [name, value] of [
    ['type', 'kernel'],
    ['os', 'linux'],
    ['arch', 'arm64'],
  ] as const)
    setProperty(fdt, kernel, name, text(`${value}\0`));
  setProperty(fdt, kernel, 'data', buildImage());
  setProperty(fdt, addNode(configurations, 'c'), 'kernel', text('k\0'));
  add(images, configurations);
  return writeFdt(fdt);
}

const nodes = (count: number): FdtNode[] =>
  Array.from({ length: count }, (_, index) => ({ name: `n${index}`, properties: [], children: [] }));
/** Hashes that hold: each has to be computed to know. */
const hashNodes = (count: number): FdtNode[] => {
  const fdt = createFdt();
  setProperty(fdt, fdt.root, 'algo', text('sha256\0'));
  setProperty(fdt, fdt.root, 'value', createHash('sha256').update(buildImage()).digest());
  return nodes(count).map((node, index) => ({
    ...node,
    name: `hash-${index}`,
    properties: fdt.root.properties,
  }));
};
const addAll = (parent: FdtNode, children: readonly FdtNode[]): void => {
  for (const child of children) parent.children.push(child);
};

function buildUki(...sections: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  return buildPe({
    sections: [['.linux', buildImage()] as const, ...sections].map(([name, bytes]) => ({ name, bytes })),
  });
}

const empties = (count: number, name: string) => Array.from({ length: count }, () => [name, EMPTY] as const);

describe('bounds of kernel files', () => {
  it.each<[string, () => Uint8Array, RegExp | undefined]>([
    [
      '125,000 images',
      () => buildFit((images) => addAll(images, nodes(125_000))),
      /125001 nodes, and 4096 are supported/,
    ],
    [
      '125,000 configurations',
      () => buildFit((_, all) => addAll(all, nodes(125_000))),
      /125001 nodes, and 4096/,
    ],
    [
      '4,000 configurations',
      () => buildFit((_, all) => addAll(all, nodes(4000))),
      /no default configuration.*and 3989 more/,
    ],
    [
      '20,000 hashes of an image',
      () => buildFit((images) => addAll(images.children[0] ?? images, hashNodes(20_000))),
      /20000 hashes, and 8 are supported/,
    ],
    ['65,000 sections', () => buildUki(...empties(65_000, '.other')), undefined],
    ['65,000 device trees', () => buildUki(...empties(65_000, '.dtbauto')), undefined],
    [
      '65,000 profiles',
      () => buildUki(...empties(65_000, '.profile')),
      /65000 profiles, and 4096 are supported/,
    ],
    ['65,000 kernels', () => buildUki(...empties(65_000, '.linux')), /two .linux sections/],
    ['16,400 members of gzip', () => repeat(16_400, gzipSync(EMPTY)), /more than 16384 members|is empty/],
    [
      'a million members of gzip',
      () => Buffer.concat([gzipSync(buildImage()), repeat(1_000_000, gzipSync(EMPTY))]),
      /more than 16384 members/,
    ],
    [
      'a bomb',
      () => gzipSync(Buffer.concat([buildImage(), new Uint8Array(194 << 20)])),
      /more than 2 MiB \(0x200000\)/,
    ],
    [
      'a bomb without a size',
      () => gzipSync(Buffer.concat([buildImage({ imageSize: 0n }), new Uint8Array(194 << 20)])),
      /more than 192 MiB \(0xc000000\)/,
    ],
    [
      'seven layers',
      () => Array.from({ length: 7 }).reduce<Uint8Array>((inner) => gzipSync(inner), buildImage()),
      /within 6 other/,
    ],
  ])('%s', async (_, build, seen) => {
    const file = new Uint8Array(build());
    const { refusal } = await tryPlan(file);
    if (seen === undefined) expect(refusal).toBeUndefined();
    else expect(refusal?.seen).toMatch(seen);
    const inspected = await tryInspect(file);
    expect(inspected instanceof KexecError || inspected.length < file.length * 8 + 10_000).toBe(true);
  });

  it('profiles that share a long command line', () => {
    const file = buildUki(
      ['.cmdline', text('x'.repeat(1 << 20))],
      ...Array.from({ length: 4000 }, () => ['.profile', text('ID=x')] as const),
    );
    const profiles = listProfiles(parsePe(file));
    expect(profiles).toHaveLength(4000);
    expect(profiles.every(({ commandLine }) => commandLine?.length === 2049)).toBe(true);
  });

  it('a long line of spaces in .profile', () => {
    const file = buildUki(['.profile', text(`ID=a${' '.repeat(1 << 20)}"`)]);
    expect(listProfiles(parsePe(file))[0]?.id).toMatch(/^a/);
  });
});
