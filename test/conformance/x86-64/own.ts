import { parseElfcorehdr } from '../../../src/crash/elfcorehdr.js';
import { EM_X86_64 } from '../../../src/formats/elf/format.js';
import { kexecFileLoad, type LoadResult } from '../../../src/kexec/file-load.js';
import type { Kimage } from '../../../src/kexec/kimage.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { X86_SEGMENTS, type X86Load, type X86Outcome, type X86SegmentName } from './scenario.js';
import { findTrust } from './secure-boot.js';

/** In `struct boot_params`: the number of the memory map's entries, the map, and the size of an entry. */
const E820 = { count: 0x1e8, table: 0x2d0, entry: 20 };

/**
 * Loads by the code under test as the system call does. With Secure Boot, the kernel's signature counts.
 *
 * @param kernel - the kernel that the load names
 * @param seed - the 32 bytes of the next kernel's seed; none if the kernel had no random numbers yet
 */
export function loadOwn(
  { type, initrd, commandLine }: X86Load,
  kernel: Uint8Array,
  machine: Machine,
  seed?: Uint8Array,
): LoadResult {
  const request = {
    kernel,
    initrd: initrd === undefined ? undefined : new Uint8Array(initrd),
    options: { type, commandLine },
    random: seed && (() => seed),
    hashes: nodeHashes,
    trust: findTrust(machine),
  };
  return kexecFileLoad(request, machine);
}

/** The bytes of one of our segments; undefined if there is none. */
export function segmentBytes({ segments }: Kimage, name: X86SegmentName): Uint8Array | undefined {
  return segments.find((segment) => segment.name === name)?.bytes;
}

/** The outcome of our load, in the terms of the kernel's log. */
export function outcomeOfOwn(result: LoadResult): X86Outcome {
  if ('refusal' in result) return result.refusal.errno;
  const { segments, entry } = result.kimage;
  return {
    segments: X86_SEGMENTS.flatMap((wanted) =>
      segments
        .filter(({ name }) => name === wanted)
        .map(({ mem, bytes, memsz }) => ({ name: wanted, mem, bufsz: BigInt(bytes.length), memsz })),
    ),
    entry,
    e820: readE820(segmentBytes(result.kimage, 'boot-params') ?? new Uint8Array(0)),
    elfRanges: listElfRanges(segmentBytes(result.kimage, 'elfcorehdr')),
  };
}

function readE820(bootParams: Uint8Array) {
  const block = Buffer.from(bootParams);
  return Array.from({ length: block[E820.count] ?? 0 }, (_, index) => {
    const at = E820.table + index * E820.entry;
    const start = block.readBigUInt64LE(at);
    return { start, last: start + block.readBigUInt64LE(at + 8) - 1n, type: block.readUInt32LE(at + 16) };
  });
}

/** The kernel logs every PT_LOAD but that of its text, which is the first one. */
function listElfRanges(elfcorehdr: Uint8Array | undefined): [bigint, bigint, bigint][] {
  if (elfcorehdr === undefined) return [];
  const [, ...loads] = parseElfcorehdr(elfcorehdr, EM_X86_64).loads;
  return loads.map(({ virtualAddress, physicalAddress, memorySize }) => [
    virtualAddress,
    physicalAddress,
    memorySize,
  ]);
}
