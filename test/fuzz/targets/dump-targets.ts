/** Dumps of crashed kernels, as changes to a small one: headers, page tables, the log, compressed pages. */
import { createByteSource } from '../../../src/base/byte-source.js';
import { lintCore } from '../../../src/crash/lint.js';
import { nodeCodecs } from '../../../src/node/codecs/node-codecs.js';
import { openVmcore } from '../../../src/vmcore/open/open-vmcore.js';
import { NOWHERE } from '../../../src/vmcore/save/dump-target.js';
import { streamVmcore } from '../../../src/vmcore/save/save-dump.js';
import { buildGdbArguments } from '../../../src/vmcore/summary/gdb-arguments.js';
import { summarizeVmcore } from '../../../src/vmcore/summary/vmcore-summary.js';
import { buildCrashedKernel, buildElfVmcore, type Log } from '../../support/crashed-kernel.js';
import { buildFlattened, buildKdump, PACKS } from '../../support/kdump.js';
import { readReducedVmcore } from '../../support/vmcore.js';
import { buildX86CrashedKernel } from '../../support/x86-crashed-kernel.js';
import { applyEdits, encodeEdit } from '../edits.js';
import { type FuzzTarget, type FuzzTargets, readersTarget } from '../fuzz-target.js';

const records = Array.from({ length: 20 }, (_, index) => ({
  time: BigInt(index),
  text: new TextEncoder().encode(`line ${index}`),
}));
const RING: Log = { kind: 'ring', textBits: 12, firstId: 5n, records };
const LOG_BUF: Log = { kind: 'log_buf', size: 4096, first: 0, records };
const KERNEL = { pageSize: 4096, configuredBits: 48, bits: 48, levels: 4, dataAt: 0x300000n } as const;

const ring = (): Uint8Array => buildElfVmcore(buildCrashedKernel({ ...KERNEL, log: RING }));

/** By name. */
export const DUMP_TARGETS: FuzzTargets = {
  'dump-ring': changedDump(ring),
  'dump-log-buf': changedDump(() => buildElfVmcore(buildCrashedKernel({ ...KERNEL, log: LOG_BUF }))),
  'dump-x86-64': changedDump(() =>
    buildElfVmcore(buildX86CrashedKernel({ levels: 5, physBase: 0n, log: RING })),
  ),
  'dump-zlib': changedDump(() => buildKdump(ring(), PACKS.zlib)),
  'dump-lzo': changedDump(() => buildKdump(ring(), PACKS.lzo)),
  'dump-snappy': changedDump(() => buildKdump(ring(), PACKS.snappy)),
  'dump-zstd': changedDump(() => buildKdump(ring(), PACKS.zstd)),
  'dump-flattened': changedDump(() => buildFlattened(ring(), 5000)),
  'dump-saved': savedDump(() => readReducedVmcore('linux-7.3-48bit')),
  'dump-saved-x86-64': savedDump(() => readReducedVmcore('debian-7.3-x86_64')),
};

/** Everything that can be asked of a dump. */
function changedDump(build: () => Uint8Array): FuzzTarget {
  const dump = build();
  return readersTarget(
    () => [new Uint8Array(0), encodeEdit(0x40, 1, 0, 0, 0), encodeEdit(dump.length - 8, 0xff, 0xff)],
    (edits) => {
      const vmcore = openVmcore(applyEdits(dump, edits), nodeCodecs);
      for (const _ of vmcore.log());
      summarizeVmcore(vmcore);
      buildGdbArguments(vmcore, 'vmcore', 'vmlinux');
    },
    (edits) => lintCore(createByteSource(applyEdits(dump, edits))),
  );
}

/** A dump that is saved without the pages that nobody needs: its `struct page`s decide. */
function savedDump(build: () => Uint8Array): FuzzTarget {
  const dump = build();
  return readersTarget(
    () => [new Uint8Array(0), encodeEdit(0x40, 1, 0, 0, 0), encodeEdit(dump.length >> 1, 0xff, 0xff)],
    ...(['kdump', 'elf'] as const).map((format) => (edits: Uint8Array) => {
      const changed = applyEdits(dump, edits);
      const options = { filter: 31, format, compression: 'none', pack: () => 0 } as const;
      for (const _ of streamVmcore(
        openVmcore(changed, nodeCodecs),
        BigInt(changed.length),
        options,
        NOWHERE,
      ));
    }),
  );
}
