import { readFileSync } from 'node:fs';
import { extractVmlinux } from '../../../src/kernel-file/extract-vmlinux.js';
import { findKernelPurgatory } from '../../../src/machine/x86-64/kernel-purgatory.js';
import type { KernelPurgatory } from '../../../src/machine/x86-64/x86-machine.js';
import { nodeDecompress } from '../../../src/node/codecs/node-decompress.js';
import { corpus } from '../../support/corpus.js';
import type { OracleRelease } from '../../support/oracle/oracle.js';
import { signedFile } from '../authenticode.js';
import { buildImage } from '../image.js';
import { buildBzImage, type FieldValues, HEADER, ORDINARY } from './bzimage.js';

const MIB = 0x10_0000n;

/** Kernels of a few KiB: the setup header decides about their placement. */
const SYNTHETIC: Readonly<Record<string, FieldValues>> = {
  tiny: {},
  'a page more than 2 MiB': { init_size: 2n * MIB + 0x1000n },
  'aligned to 16 MiB': { kernel_alignment: 16n * MIB, init_size: MIB },
  'aligned to a page, from 0': { kernel_alignment: 0x1000n, pref_address: 0n, init_size: 3n * MIB + 1n },
  'aligned to 3 MiB': { kernel_alignment: 3n * MIB },
  'not aligned': { kernel_alignment: 0n },
  '9 MiB': { init_size: 9n * MIB },
  '3 GiB': { init_size: 3072n * MIB },
  'from 256 MiB': { pref_address: 256n * MIB },
  'from 5 GiB': { pref_address: 5n << 30n },
  'short command line': { cmdline_size: 255n },
  'old header': { version: 0x020cn, jump: 0x66ebn },
  'long header': { jump: 0xffebn },
  'more bytes than memory': { init_size: 0x400n, setup_sects: 1n },
  'not above 4 GiB': { xloadflags: 0x7dn },
};

/** What decides about loads by a kernel of Debian, and of that kernel. */
export interface RealKernel {
  /** Its setup header, from {@link HEADER}. */
  readonly header: Uint8Array;
  /** The length of its file. */
  readonly length: number;
  readonly purgatory: KernelPurgatory;
}

/** Debian's kernel of a release. */
export function readRealKernel(release: OracleRelease): Uint8Array {
  return new Uint8Array(readFileSync(corpus.x86Oracle(release)));
}

/** @throws Error if it contains no purgatory */
export async function describeRealKernel(kernel: Uint8Array): Promise<RealKernel> {
  const purgatory = findKernelPurgatory(await extractVmlinux(kernel, nodeDecompress));
  if (purgatory === undefined) throw new Error("Debian's kernel has no purgatory");
  return { header: kernel.slice(HEADER.start, HEADER.end), length: kernel.length, purgatory };
}

/** A kernel that is placed as this one. */
export function imitateKernel({ header, length }: RealKernel): Uint8Array {
  const file = new Uint8Array(length);
  file.set(header, HEADER.start);
  return file;
}

/** What precedes the name of a kernel that the CA's signer signed. */
const SIGNED = 'signed, ';

/** Bytes after the sections of a signed kernel: more than its setup code has. */
const TRAILING_SIZE = 4096;

/** The name of the same kernel with a signature. */
export function nameSigned(kernel: string): string {
  return `${SIGNED}${kernel}`;
}

/** A kernel of this file. */
export function syntheticKernel(name: string): Uint8Array {
  const isSigned = name.startsWith(SIGNED);
  const fields = SYNTHETIC[isSigned ? name.slice(SIGNED.length) : name];
  if (fields === undefined) throw new Error(`unknown kernel "${name}"`);
  if (!isSigned) return buildBzImage(fields);
  const setupHeader = { ...ORDINARY, ...fields };
  return signedFile({ image: buildImage({ setupHeader, trailing: new Uint8Array(TRAILING_SIZE) }) });
}

/** The names of the kernels whose headers have unusual values. */
export const SYNTHETIC_KERNELS = Object.keys(SYNTHETIC);
