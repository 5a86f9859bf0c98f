import type { Segment } from '../../../src/kexec/kimage.js';
import type { GivenBoot } from '../../support/oracle/x86-64/loads.js';

/** Offsets in `struct boot_params`, and its size. */
const AT = { loadflags: 0x211, commandLine: 0x228, commandLineHigh: 0xc8, setupData: 0x250 };
const BOOT_PARAMS_SIZE = 4096;

/** `KASLR_FLAG`: the next kernel's decompressor sets it in loadflags. */
const KASLR_FLAG = 2;

/** The type of a node with a seed, which the next kernel wipes. */
const RNG_SEED = 9;

/**
 * Compares our boot parameters with those that the next kernel was given: the structure byte by byte, the command line, and
 * the nodes of setup_data in their order. Seeds are left out.
 *
 * @returns the differences, in words
 */
export function compareGivenBoot(block: Segment, given: GivenBoot): string[] {
  const ours = Buffer.from(block.bytes);
  const theirs = Buffer.from(given.bootParams);
  theirs[AT.loadflags] = (theirs[AT.loadflags] ?? 0) & ~KASLR_FLAG;
  const differing = Array.from({ length: BOOT_PARAMS_SIZE }, (_, at) => at)
    .filter((at) => ours[at] !== theirs[at])
    .map((at) => `boot_params, 0x${at.toString(16)}: the kernel's is ${theirs[at]}, ours ${ours[at]}`);
  const commandLine = readCommandLine(ours, block.mem);
  const nodes = listNodes(ours, block.mem);
  const [setupData, ourSetupData] = [given.setupData, nodes].map((list) => list.map(describeNode).join(', '));
  return [
    ...differing,
    ...(commandLine === given.commandLine
      ? []
      : [`command line: "${given.commandLine}", ours "${commandLine}"`]),
    ...(setupData === ourSetupData ? [] : [`setup_data: ${setupData}; ours: ${ourSetupData}`]),
  ];
}

function readCommandLine(block: Buffer, address: bigint): string {
  const pointer =
    BigInt(block.readUInt32LE(AT.commandLine)) | (BigInt(block.readUInt32LE(AT.commandLineHigh)) << 32n);
  const start = Number(pointer - address);
  return block.toString('latin1', start, block.indexOf(0, start)).trimEnd();
}

function listNodes(block: Buffer, address: bigint): GivenBoot['setupData'] {
  const nodes: { type: number; data: Uint8Array }[] = [];
  let next = block.readBigUInt64LE(AT.setupData);
  while (next !== 0n) {
    const at = Number(next - address);
    const length = block.readUInt32LE(at + 12);
    nodes.push({ type: block.readUInt32LE(at + 8), data: block.subarray(at + 16, at + 16 + length) });
    next = block.readBigUInt64LE(at);
  }
  return nodes;
}

function describeNode({ type, data }: GivenBoot['setupData'][number]): string {
  return type === RNG_SEED ? `seed` : `type ${type} ${Buffer.from(data).toString('hex')}`;
}
