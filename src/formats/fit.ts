import { refuse } from '../base/error.js';
import { hex } from '../base/u64.js';
import { findNode, getProperty } from './fdt/edit.js';
import { parseFdtHeader } from './fdt/header.js';
import { parseFdt } from './fdt/parse.js';
import type { FdtNode } from './fdt/tree.js';
import { readString, readStrings, readU32 } from './fdt/values.js';

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

export interface Fit {
  readonly description: string | undefined;
  /** The names of all configurations and of all images. */
  readonly configurations: readonly string[];
  readonly images: readonly string[];
  readonly configuration: FitConfiguration;
}

/** Whether a device tree is a FIT: it has images and configurations. */
export function isFit(root: FdtNode): boolean {
  return findNode(root, '/images') !== undefined && findNode(root, '/configurations') !== undefined;
}

/**
 * Parses a U-Boot Flat Image Tree, and finds the images of one configuration. Their hashes are returned, not verified.
 *
 * @param configuration - its name; if left out, the default that the FIT names, or the first
 * @throws KexecError `ENOEXEC`, check `fit`; `EINVAL` with a check of device trees if the tree is malformed.
 */
export function parseFit(file: Uint8Array, configuration?: string): Fit {
  const { root } = parseFdt(file);
  const images = findNode(root, '/images');
  const configurations = findNode(root, '/configurations');
  if (images === undefined || configurations === undefined) {
    return refuse('fit', 'ENOEXEC', `FIT: it has no /images or no /configurations`);
  }
  const name = configuration ?? text(configurations, 'default') ?? configurations.children[0]?.name;
  const node = configurations.children.find((child) => child.name === name);
  if (node === undefined)
    return refuse('fit', 'ENOEXEC', `FIT: there is no configuration ${name ?? 'at all'}`);
  return {
    description: text(root, 'description'),
    configurations: configurations.children.map((child) => child.name),
    images: images.children.map((child) => child.name),
    configuration: readConfiguration(file, images, node),
  };
}

function readConfiguration(file: Uint8Array, images: FdtNode, node: FdtNode): FitConfiguration {
  const [kernel] = list(node, 'kernel');
  if (kernel === undefined)
    return refuse('fit', 'ENOEXEC', `FIT: configuration ${node.name} names no kernel`);
  const [ramdisk] = list(node, 'ramdisk');
  const [fdt, ...overlays] = list(node, 'fdt');
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
      `FIT: the data of image ${node.name}, ${hex(size)} bytes at ${hex(start)}, leaves the file`,
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

function list(node: FdtNode, name: string): string[] {
  const value = getProperty(node, name);
  return value === undefined ? [] : readStrings(value);
}

function number(node: FdtNode, name: string): number | undefined {
  const value = getProperty(node, name);
  return value === undefined ? undefined : readU32(value);
}
