import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintCore } from '../../../src/crash/lint.js';
import { ET_CORE, PT_NOTE } from '../../../src/formats/elf/format.js';
import { writeNotes } from '../../../src/formats/elf/notes.js';
import { headersSize, type ProgramHeader, writeHeaders } from '../../../src/formats/elf/program-headers.js';
import { nodeCodecs } from '../../../src/node/codecs/node-codecs.js';
import { openFileSource } from '../../../src/node/files/file-source.js';
import { formatDmesgLine } from '../../../src/vmcore/log/dmesg.js';
import { readLog } from '../../../src/vmcore/log/read-log.js';
import { openVmcore } from '../../../src/vmcore/open/open-vmcore.js';
import { buildGdbArguments } from '../../../src/vmcore/summary/gdb-arguments.js';
import { summarizeVmcore } from '../../../src/vmcore/summary/vmcore-summary.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { openVmcoreBytes, readExpectedDmesg, readReducedVmcore } from '../../support/vmcore.js';

const NAME = 'linux-6.12-48bit';
const SIZE = 10n << 30n;
const HEAD = 1 << 16;

/** The physical address at which the RAM of the dumped machine starts. */
const RAM = 0x40000000n;
/** The start of its linear map, with 48 bits of virtual addresses. */
const LINEAR_MAP = 0xffff000000000000n;

/**
 * Writes a dump of 10 GiB of RAM that is a sparse file: only the memory of the reduced dump is not zero. Returns its
 * path.
 */
function sparseVmcore(): string {
  const path = join(makeTemporaryFolder(), 'vmcore');
  const { notes, loads, memory, vmcoreinfo } = openVmcoreBytes(readReducedVmcore(NAME));
  const noteBytes = writeNotes(notes);
  const virtualOfRam = BigInt.asUintN(64, LINEAR_MAP + RAM - (vmcoreinfo.number('PHYS_OFFSET') ?? never()));
  const isText = ({ virtualAddress, physicalAddress }: ProgramHeader): boolean =>
    BigInt.asUintN(64, virtualAddress - physicalAddress) !== BigInt.asUintN(64, virtualOfRam - RAM);
  const entry = { flags: 0, virtualAddress: 0n, physicalAddress: 0n, alignment: 0n };
  const programHeaders: ProgramHeader[] = [
    {
      ...{ ...entry, type: PT_NOTE, offset: 0x8000n },
      ...{ fileSize: BigInt(noteBytes.length), memorySize: BigInt(noteBytes.length) },
    },
    {
      ...{
        ...(loads[0] ?? never()),
        offset: BigInt(HEAD),
        virtualAddress: virtualOfRam,
        physicalAddress: RAM,
      },
      ...{ fileSize: SIZE, memorySize: SIZE },
    },
  ];
  const text = loads.filter(isText);
  programHeaders.push(
    ...text.map((load) => ({ ...load, offset: BigInt(HEAD) + load.physicalAddress - RAM })),
  );

  const file = openSync(path, 'w');
  ftruncateSync(file, HEAD + Number(SIZE));
  writeSync(
    file,
    writeHeaders({ type: ET_CORE, entry: 0n, programHeaders }, headersSize(programHeaders.length)),
    0,
  );
  writeSync(file, noteBytes, 0, noteBytes.length, 0x8000);
  for (const { start, end } of memory.ranges()) {
    const bytes = memory.read(start, Number(end - start));
    writeSync(file, bytes, 0, bytes.length, HEAD + Number(start - RAM));
  }
  closeSync(file);
  return path;
}

describe('a vmcore of 10 GiB', () => {
  it('is read for its log, its CPUs and gdb without reading more than 64 MiB', () => {
    const source = openFileSource(sparseVmcore());
    const vmcore = openVmcore(source, nodeCodecs);
    const lines = [...readLog(vmcore)(() => expect.unreachable())].map(formatDmesgLine);
    expect(Buffer.concat(lines).toString('latin1')).toBe(readExpectedDmesg(NAME));
    expect(source.bytesRead).toBeLessThan(1n << 20n);
    expect(summarizeVmcore(vmcore)).toMatchObject({ panicked: 0, problems: [] });
    expect(buildGdbArguments(vmcore, 'vmcore', 'vmlinux')).toContain('core-file vmcore');
    expect(lintCore(source).kind).toBe('vmcore');
    expect(source.bytesRead).toBeLessThan(64n << 20n);
    source.close();
  });
});

function never(): never {
  throw new Error('there is no PT_LOAD');
}
