import { attempt, KexecError, refuse } from '../base/error.js';
import { formatBytes } from '../base/sizes.js';
import { hex } from '../base/u64.js';
import { findNode, getProperty } from './fdt/edit.js';
import { parseFdtHeader } from './fdt/header.js';
import { parseFdt } from './fdt/parse.js';
import { MAX_BOARDS, readRootCompatible } from './fdt/root-compatible.js';
import type { FdtNode } from './fdt/tree.js';
import { readString, readStrings, readU32 } from './fdt/values.js';
import { listMembers, MAX_MEMBERS_OF_FILE, type MemberChoice } from './members.js';

/** A digest that an image's bytes must have. */
export interface FitHash {
  /** U-Boot's name: `crc32`, `sha256` … */
  readonly algorithm: string;
  readonly value: Uint8Array;
}

/** An image of a FIT: a kernel, a ramdisk, a device tree. */
export interface FitImage {
  readonly name: string;
  readonly type: string | undefined;
  readonly os: string | undefined;
  readonly arch: string | undefined;
  /** `none` if the image does not name one. */
  readonly compression: string;
  /** Shared with the file. */
  readonly data: Uint8Array;
  readonly hashes: readonly FitHash[];
}

/** The images that a configuration boots together. */
export interface FitConfiguration {
  readonly name: string;
  readonly description: string | undefined;
  readonly kernel: FitImage;
  readonly ramdisk: FitImage | undefined;
  readonly fdt: FitImage | undefined;
  /** Overlays for the device tree, by name. */
  readonly overlays: readonly string[];
  /** Whether the configuration or one of its images has a signature of U-Boot's, which is not verified. */
  readonly isSigned: boolean;
}

/** A configuration, as a choice. */
export interface FitEntry {
  readonly name: string;
  readonly description: string | undefined;
  /** The boards that it is for: its own property, else that of its device tree. */
  readonly compatible: readonly string[];
  readonly isDefault: boolean;
  /** The names of its images, by role. */
  readonly kernel: string | undefined;
  readonly ramdisk: string | undefined;
  readonly fdt: string | undefined;
}

/** What a FIT contains, without a choice. */
export interface FitListing {
  readonly description: string | undefined;
  readonly entries: readonly FitEntry[];
  /** The names of all images. */
  readonly images: readonly string[];
}

export interface Fit extends FitListing {
  readonly configuration: FitConfiguration;
  /** Why this configuration: its name was given, it is the default, the only one, or the one for this machine. */
  readonly reason: 'named' | 'default' | 'only' | 'compatible';
}

/** Whether a device tree is a FIT: it has images and configurations. */
export function isFit(root: FdtNode): boolean {
  return findNode(root, '/images') !== undefined && findNode(root, '/configurations') !== undefined;
}

/**
 * Lists the configurations and images of a U-Boot Flat Image Tree.
 *
 * @throws KexecError `ENOEXEC`, check `fit`; `EINVAL` with a check of device trees if the tree is malformed.
 */
export function listFit(file: Uint8Array): FitListing {
  return list(file, parseFdt(file).root);
}

/**
 * Parses a U-Boot Flat Image Tree, and finds the images of one configuration. Their hashes are returned, not verified.
 *
 * @param choice - the name of the configuration. If left out: the default that the FIT names, the only configuration,
 *   or the only one that fits the machine best
 * @throws KexecError `ENOEXEC`, check `fit`, if there is none, among others; `EINVAL` with a check of device trees if
 *   the tree is malformed.
 */
export function parseFit(file: Uint8Array, choice: MemberChoice = {}): Fit {
  const { root } = parseFdt(file);
  const listing = list(file, root);
  const { entry, reason } = chooseConfiguration(listing.entries, choice);
  const images = findNode(root, '/images');
  const node = findNode(root, '/configurations')?.children.find(({ name }) => name === entry.name);
  if (images === undefined || node === undefined)
    return refuse('fit', 'ENOEXEC', `FIT: there is no configuration ${entry.name}`);
  return { ...listing, configuration: readConfiguration(file, images, node), reason };
}

function list(file: Uint8Array, root: FdtNode): FitListing {
  const images = findNode(root, '/images');
  const configurations = findNode(root, '/configurations');
  if (images === undefined || configurations === undefined) {
    return refuse('fit', 'ENOEXEC', `FIT: it has no /images or no /configurations`);
  }
  for (const { children, name } of [images, configurations]) {
    if (children.length > MAX_MEMBERS_OF_FILE)
      refuse(
        'fit',
        'ENOEXEC',
        `FIT: /${name} has ${children.length} nodes, and ${MAX_MEMBERS_OF_FILE} are supported`,
      );
  }
  const defaultName = text(configurations, 'default');
  if (defaultName !== undefined && !configurations.children.some(({ name }) => name === defaultName)) {
    const entries = configurations.children.map(({ name }) => ({ name }));
    refuse(
      'fit',
      'ENOEXEC',
      `FIT: there is no configuration ${defaultName}, its default; it has ${listMembers(entries)}`,
    );
  }
  const byName = new Map(images.children.map((image) => [image.name, image]));
  return {
    description: text(root, 'description'),
    images: [...byName.keys()],
    entries: configurations.children.map((node) => describeEntry(file, byName, node, defaultName)),
  };
}

function describeEntry(
  file: Uint8Array,
  images: ReadonlyMap<string, FdtNode>,
  node: FdtNode,
  defaultName: string | undefined,
): FitEntry {
  const [fdt] = texts(node, 'fdt');
  const own = texts(node, 'compatible').slice(0, MAX_BOARDS);
  const tree = fdt === undefined ? undefined : images.get(fdt);
  return {
    name: node.name,
    description: text(node, 'description'),
    compatible: own.length > 0 || tree === undefined ? own : readCompatible(file, tree),
    isDefault: node.name === defaultName,
    kernel: texts(node, 'kernel')[0],
    ramdisk: texts(node, 'ramdisk')[0],
    fdt,
  };
}

/** The `compatible` of a device tree in a FIT; empty if that is compressed or malformed. */
function readCompatible(file: Uint8Array, image: FdtNode): readonly string[] {
  if ((text(image, 'compression') ?? 'none') !== 'none') return [];
  const data = attempt(() => findData(file, image));
  return data instanceof KexecError ? [] : readRootCompatible(data);
}

/** Chooses as U-Boot does (fit_conf_find_compat()), but never one of several that fit equally well. */
function chooseConfiguration(
  entries: readonly FitEntry[],
  { name, compatible = [] }: MemberChoice,
): { readonly entry: FitEntry; readonly reason: Fit['reason'] } {
  const listed = listMembers(entries.map((entry) => ({ name: entry.name, title: entry.description })));
  const refuseChoice = (seen: string): never =>
    refuse('fit', 'ENOEXEC', `FIT: ${seen}; it has ${listed || 'none'}`, {
      cure: `name one: FILE#${entries[0]?.name ?? 'NAME'}; kexec-file inspect lists them with the boards that they are for`,
    });
  if (name !== undefined) {
    const entry = entries.find((configuration) => configuration.name === name);
    return entry === undefined
      ? refuseChoice(`there is no configuration ${name}`)
      : { entry, reason: 'named' };
  }
  const byDefault = entries.find(({ isDefault }) => isDefault);
  if (byDefault !== undefined) return { entry: byDefault, reason: 'default' };
  const [only, another] = entries;
  if (only !== undefined && another === undefined) return { entry: only, reason: 'only' };
  for (const board of compatible.slice(0, MAX_BOARDS)) {
    const [entry, ...more] = entries.filter(({ compatible: boards }) => boards.includes(board));
    if (entry === undefined) continue;
    if (more.length > 0)
      refuseChoice(`it has no default, and ${more.length + 1} configurations are for ${board}`);
    return { entry, reason: 'compatible' };
  }
  const machine =
    compatible.length === 0 ? 'the machine is unknown' : `none is for ${compatible.join(' or ')}`;
  return refuseChoice(`it has no default configuration, and ${machine}`);
}

function readConfiguration(file: Uint8Array, images: FdtNode, node: FdtNode): FitConfiguration {
  const [kernel] = texts(node, 'kernel');
  if (kernel === undefined)
    return refuse('fit', 'ENOEXEC', `FIT: configuration ${node.name} names no kernel`);
  const [ramdisk] = texts(node, 'ramdisk');
  const [fdt, ...overlays] = texts(node, 'fdt');
  const used = [kernel, ramdisk, fdt].filter((name) => name !== undefined);
  const nodes = [node, ...used.map((name) => images.children.find((child) => child.name === name))];
  return {
    name: node.name,
    description: text(node, 'description'),
    kernel: readKernel(file, images, kernel),
    ramdisk: ramdisk === undefined ? undefined : readImage(file, images, ramdisk),
    fdt: fdt === undefined ? undefined : readImage(file, images, fdt),
    overlays,
    isSigned: nodes.some((image) => image?.children.some(({ name }) => /^signature(-|@|$)/.test(name))),
  };
}

/** An image of a bootable type with Linux for arm64. */
function readKernel(file: Uint8Array, images: FdtNode, name: string): FitImage {
  const image = readImage(file, images, name);
  if (image.type !== 'kernel' && image.type !== 'kernel_noload')
    refuse('fit', 'ENOEXEC', `FIT: ${name} is of type ${image.type}`);
  if (image.os !== undefined && image.os !== 'linux')
    refuse('fit', 'ENOEXEC', `FIT: ${name} is for ${image.os}, not linux`);
  if (image.arch !== undefined && image.arch !== 'arm64')
    refuse('fit', 'ENOEXEC', `FIT: ${name} is for ${image.arch}, not arm64`);
  return image;
}

function readImage(file: Uint8Array, images: FdtNode, name: string): FitImage {
  const node = images.children.find((child) => child.name === name);
  if (node === undefined) return refuse('fit', 'ENOEXEC', `FIT: there is no image ${name}`);
  return {
    name,
    type: text(node, 'type'),
    os: text(node, 'os'),
    arch: text(node, 'arch'),
    compression: text(node, 'compression') ?? 'none',
    data: findData(file, node),
    hashes: node.children
      .filter((child) => /^hash(-|@|$)/.test(child.name))
      .map((child) => readHash(child, name)),
  };
}

/** Data is in the tree, or behind it: at an offset from its end (aligned to 4), or at a position in the file. */
function findData(file: Uint8Array, node: FdtNode): Uint8Array {
  const data = getProperty(node, 'data');
  if (data !== undefined) return data;
  const size = number(node, 'data-size');
  const offset = number(node, 'data-offset');
  const treeEnd = Math.ceil(parseFdtHeader(file).totalSize / 4) * 4;
  const start = offset === undefined ? number(node, 'data-position') : treeEnd + offset;
  if (start === undefined || size === undefined)
    return refuse('fit', 'ENOEXEC', `FIT: image ${node.name} has no data`);
  if (start < treeEnd)
    refuse('fit', 'ENOEXEC', `FIT: the data of image ${node.name} is at ${hex(start)}, within the tree`);
  if (start + size > file.length) {
    refuse(
      'fit',
      'ENOEXEC',
      `FIT: the data of image ${node.name}, ${formatBytes(size)} at ${hex(start)}, leaves the file`,
    );
  }
  return file.subarray(start, start + size);
}

function readHash(node: FdtNode, image: string): FitHash {
  const algorithm = text(node, 'algo');
  const value = getProperty(node, 'value');
  if (algorithm === undefined || value === undefined) {
    return refuse('fit', 'ENOEXEC', `FIT: a hash of image ${image} has no algorithm or no value`);
  }
  return { algorithm, value };
}

function text(node: FdtNode, name: string): string | undefined {
  const value = getProperty(node, name);
  return value === undefined ? undefined : readString(value);
}

function texts(node: FdtNode, name: string): string[] {
  const value = getProperty(node, name);
  return value === undefined ? [] : readStrings(value);
}

function number(node: FdtNode, name: string): number | undefined {
  const value = getProperty(node, name);
  return value === undefined ? undefined : readU32(value);
}
