import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatRange, type Range } from '../../src/base/range.js';
import { alignUp } from '../../src/base/u64.js';
import { ensureNode, setProperty } from '../../src/formats/fdt/edit.js';
import { parseFdt } from '../../src/formats/fdt/parse.js';
import type { Fdt, FdtNode } from '../../src/formats/fdt/tree.js';
import { encodeString } from '../../src/formats/fdt/values.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import type { Kimage } from '../../src/kexec/kimage.js';
import { readDeviceTreeMap } from '../../src/machine/arm64/device-tree-map.js';
import { isMemory } from '../../src/machine/device-tree.js';
import { readFile } from '../../src/node/files/read-file.js';
import { withTemporaryFolder } from '../../src/node/files/temporary-folder.js';
import { writeElfFile } from '../../src/node/files/write-elf-file.js';
import { startGuest } from '../../src/node/qemu/qemu-process.js';
import { recordFromQemu } from '../../src/node/qemu/record-qemu.js';
import { buildBoardTree } from '../support/board.js';
import { corpus } from '../support/corpus.js';
import { countingRandom, findSegment, loadOrFail } from '../support/load.js';
import { MEMORY_VARIANTS, type MemoryVariant } from '../support/memory-variants.js';

/** The time limit of a guest, in seconds; it takes 2 to 5. */
const PATIENCE = 100;

/** 4 GiB of RAM from 1 GiB on. */
const QEMU = { machine: 'virt', cpu: 'cortex-a57', memory: '4G', cpus: 1 } as const;

/** A line of memblock_dump_all() about memory, and its last one. */
const REGION = /memory\[0x[0-9a-f]+\]\s*\[0x([0-9a-f]+)-0x([0-9a-f]+)\]/g;
const END = /reserved\[0x0\]/;

/** Of Debian's cloud kernel of Linux 6.12. */
const KERNEL = { pageSize: 4096, config: { ARM64_PA_BITS: '52', ARM64_VA_BITS: '52' } };

/** A tree with the memory of a variant in place of its own. */
function replaceMemory(fdt: Fdt, { nodes, usableRange }: MemoryVariant): Fdt {
  const board = buildBoardTree({ nodes, ...(usableRange === undefined ? {} : { usableRange }) });
  const isReplaced = (node: FdtNode): boolean =>
    isMemory(node) || (usableRange !== undefined && node.name === 'chosen');
  fdt.root.children = [
    ...fdt.root.children.filter((node) => !isReplaced(node)),
    ...board.root.children.filter(isReplaced),
  ];
  return fdt;
}

/** The kimage with another memory in its device tree. */
function replaceDtb(
  kimage: Kimage,
  variant: MemoryVariant,
  commandLine: string,
): { kimage: Kimage; fdt: Fdt } {
  const dtb = findSegment(kimage, 'dtb');
  const fdt = replaceMemory(parseFdt(dtb.bytes), variant);
  const chosen = ensureNode(fdt, '/chosen');
  setProperty(fdt, chosen, 'bootargs', encodeString(commandLine));
  const bytes = writeFdt(fdt);
  const replaced = { ...dtb, bytes, memsz: alignUp(BigInt(bytes.length), 4096n) };
  const segments = kimage.segments.map((segment) => (segment === dtb ? replaced : segment));
  return { kimage: { ...kimage, segments }, fdt };
}

/** Boots a kimage until the kernel has printed its memory. */
async function readKernelsMemory(kimage: Kimage): Promise<Range[]> {
  let console = '';
  await withTemporaryFolder(async (folder) => {
    const image = join(folder, 'kimage.elf');
    await writeElfFile(kimage, image);
    const guest = await startGuest(QEMU, {
      arguments: ['-device', `loader,file=${image},cpu-num=0`],
      folder,
      timeout: PATIENCE,
      onConsole: (text) => {
        console += text;
        if (END.test(console)) guest.stop();
      },
    });
    await guest.end;
  });
  return Array.from(console.matchAll(REGION), ([, first, last]) => ({
    start: BigInt(`0x${first}`),
    end: BigInt(`0x${last}`) + 1n,
  }));
}

describe('memory of a device tree', { timeout: (PATIENCE + 10) * 1000 }, () => {
  it.each(MEMORY_VARIANTS)('is what the kernel makes of it: %s', async (_, variant) => {
    const machine = await recordFromQemu(QEMU);
    // Purgatory would refuse the other device tree.
    const options = { purgatory: { checks: false } };
    const loaded = loadOrFail(
      { kernel: readFile(corpus.cloudKernel()), options, random: countingRandom },
      machine,
    );
    const commandLine = `earlycon=pl011,0x9000000 memblock=debug ${variant.parameters ?? ''}`;
    const { kimage, fdt } = replaceDtb(loaded.kimage, variant, commandLine);
    const memory = await readKernelsMemory(kimage);
    expect(memory.length).toBeGreaterThan(0);
    expect(memory.map(formatRange)).toEqual(readDeviceTreeMap(fdt, KERNEL).memory.map(formatRange));
  });
});
