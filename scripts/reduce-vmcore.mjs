/**
 * Reduces a vmcore to a small one for tests: it keeps the notes and only those pages that are read for the log, the
 * registers, the page tables and the stacks, and those that makedumpfile reads first. The output is
 * compressed by gzip.
 *
 *     npm run build && node scripts/reduce-vmcore.mjs VMCORE OUTPUT.gz [FRAME...]
 *
 * It also keeps each `struct page` of 1024 page frames from each FRAME on, a multiple of 1024, and what filters read
 * for them.
 *
 * The output is an ELF vmcore with a PT_LOAD for each run of pages, at their original addresses. The reduced vmcores
 * are in test/data/vmcore, which says where they are from.
 */

import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { lintCore } from '../dist/crash/lint.js';
import { readCoreHeaders } from '../dist/formats/elf/core-file.js';
import { ET_CORE, PT_LOAD, PT_NOTE } from '../dist/formats/elf/format.js';
import { headersSize, writeHeaders } from '../dist/formats/elf/program-headers.js';
import { nodeCodecs } from '../dist/node/codecs/node-codecs.js';
import { openFileSource } from '../dist/node/files/file-source.js';
import { VmcoreinfoFacts } from '../dist/vmcore/address/vmcoreinfo.js';
import { openVmcore } from '../dist/vmcore/open/open-vmcore.js';
import { FILTER_ALL } from '../dist/vmcore/save/filter.js';
import { KIND_KEPT, PageKinds } from '../dist/vmcore/save/page-kinds.js';
import { createStructPageFinder } from '../dist/vmcore/save/struct-pages.js';
import { buildGdbArguments } from '../dist/vmcore/summary/gdb-arguments.js';
import { summarizeVmcore } from '../dist/vmcore/summary/vmcore-summary.js';

const PAGE = 4096n;
const FRAMES = 1024;

const [input, output, ...frames] = process.argv.slice(2);
if (output === undefined) {
  console.error('usage: node scripts/reduce-vmcore.mjs VMCORE OUTPUT.gz [FRAME...]');
  process.exit(2);
}

const source = openFileSource(input);
const headers = readCoreHeaders(source);
const loads = headers.filter(({ type }) => type === PT_LOAD);

/** Page frame numbers of the pages that are read. */
const wanted = new Set();
const recorder = {
  size: source.size,
  read(offset, length) {
    const end = offset + BigInt(length);
    for (const load of loads) {
      if (offset < load.offset || offset >= load.offset + load.fileSize) continue;
      const address = load.physicalAddress + (offset - load.offset);
      for (let page = address / PAGE; page * PAGE < address + (end - offset); page += 1n) wanted.add(page);
    }
    return source.read(offset, length);
  },
};

lintCore(recorder);
const vmcore = openVmcore(recorder, nodeCodecs);
summarizeVmcore(vmcore);
buildGdbArguments(vmcore, 'vmcore', 'vmlinux');
findSections(vmcore);
for (const frame of frames)
  new PageKinds(vmcore, FILTER_ALL).mark(
    Number(frame),
    new Uint8Array(FRAMES).fill(KIND_KEPT),
    new Uint8Array(FRAMES).fill(1),
  );

const notes = headers
  .filter(({ type }) => type === PT_NOTE)
  .map((header) => ({ header, bytes: source.read(header.offset, Number(header.fileSize)) }));
const runs = loads.flatMap((load) => listRuns(load));

const chunks = [];
let at = BigInt(headersSize(notes.length + runs.length));
const programHeaders = [];
for (const { header, bytes } of notes) {
  programHeaders.push({ ...header, offset: at });
  chunks.push(bytes);
  at += BigInt(bytes.length);
}
for (const run of runs) {
  programHeaders.push({ ...run.header, offset: at });
  chunks.push(run.bytes);
  at += BigInt(run.bytes.length);
}
const machine = vmcore.architecture.elfMachine;
const head = writeHeaders(
  { type: ET_CORE, machine, entry: 0n, programHeaders },
  headersSize(programHeaders.length),
);
const whole = Buffer.concat([head, ...chunks]);
const packed = gzipSync(whole, { level: 9 });
writeFileSync(output, packed);
console.log(`${output}: ${runs.length} runs, ${whole.length} bytes, ${packed.length} packed`);

/** Finds the page structs of each memory section by mem_section, which makedumpfile always reads. */
function findSections(vmcore) {
  const { 'SYMBOL(vmemmap)': _, ...lines } = vmcore.vmcoreinfo.lines;
  const vmcoreinfo = new VmcoreinfoFacts(lines);
  const find = createStructPageFinder({ ...vmcore, vmcoreinfo }, vmcoreinfo.needSmall('SIZE(page)'));
  for (const { physicalAddress } of loads) find(Number(physicalAddress / PAGE));
}

/** The runs of wanted pages in a PT_LOAD. */
function listRuns(load) {
  const found = [];
  let start;
  for (let from = 0n; from <= load.fileSize; from += PAGE) {
    const isWanted = from < load.fileSize && wanted.has((load.physicalAddress + from) / PAGE);
    if (isWanted) start ??= from;
    if (isWanted || start === undefined) continue;
    const size = from - start;
    found.push({
      header: {
        ...load,
        virtualAddress: load.virtualAddress + start,
        physicalAddress: load.physicalAddress + start,
        fileSize: size,
        memorySize: size,
      },
      bytes: source.read(load.offset + start, Number(size)),
    });
    start = undefined;
  }
  return found;
}
