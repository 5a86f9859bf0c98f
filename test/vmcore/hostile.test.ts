import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteSource } from '../../src/base/byte-source.js';
import { refuse } from '../../src/base/error.js';
import { lintCore } from '../../src/crash/lint.js';
import { readLog } from '../../src/vmcore/log/read-log.js';
import { buildGdbArguments } from '../../src/vmcore/summary/gdb-arguments.js';
import { summarizeVmcore } from '../../src/vmcore/summary/vmcore-summary.js';
import { buildCrashedKernel, buildElfVmcore } from '../support/crashed-kernel.js';
import { catchRefusal } from '../support/hostile.js';
import { buildFlattened, buildKdump, PACKS } from '../support/kdump.js';
import { openVmcoreBytes } from '../support/vmcore.js';
import { buildX86CrashedKernel } from '../support/x86-crashed-kernel.js';

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const records = Array.from({ length: 20 }, (_, index) => ({
  time: BigInt(index),
  text: text(`line ${index}`),
}));
const kernel = { pageSize: 4096, configuredBits: 48, bits: 48, levels: 4, dataAt: 0x300000n } as const;

const ring = buildElfVmcore(
  buildCrashedKernel({ ...kernel, log: { kind: 'ring', textBits: 12, firstId: 5n, records } }),
);
const logBuf = buildElfVmcore(
  buildCrashedKernel({ ...kernel, log: { kind: 'log_buf', size: 4096, first: 0, records } }),
);
const x86 = buildElfVmcore(
  buildX86CrashedKernel({
    levels: 5,
    physBase: 0n,
    log: { kind: 'ring', textBits: 12, firstId: 5n, records },
  }),
);

const FILES: [string, Uint8Array][] = [
  ['an ELF vmcore with the ring', ring],
  ['an ELF vmcore with the older log', logBuf],
  ['an ELF vmcore of x86_64', x86],
  ['a compressed dump', buildKdump(ring, PACKS.zlib)],
  ['a dump compressed by zstd', buildKdump(ring, PACKS.zstd)],
  ['a dump compressed by lzo', buildKdump(ring, PACKS.lzo)],
  ['a dump compressed by snappy', buildKdump(ring, PACKS.snappy)],
  ['a flattened dump', buildFlattened(ring, 5000)],
];

/** Does everything that can be done with a dump. Returns the number of refusals and problems. */
function useAll(bytes: Uint8Array): number {
  let found = 0;
  const attempt = (use: () => void): void => {
    if (catchRefusal(use) !== undefined) found += 1;
  };
  attempt(() => {
    const vmcore = openVmcoreBytes(bytes);
    found += vmcore.problems.length;
    attempt(() => {
      for (const _ of readLog(vmcore)(() => {
        found += 1;
      }));
    });
    attempt(() => {
      found += summarizeVmcore(vmcore).problems.length;
    });
    attempt(() => buildGdbArguments(vmcore, 'vmcore', 'vmlinux'));
  });
  attempt(() => {
    found += lintCore(createByteSource(bytes)).findings.length;
  });
  return found;
}

describe.each(FILES)('%s', (_, file) => {
  it('that is cut short anywhere is refused, or reported as a problem', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: file.length - 1 }), (length) => {
        expect(useAll(file.subarray(0, length))).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  });

  it('with any bytes changed is read or refused', () => {
    const change = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
    // Headers and notes are at the front.
    const early = fc.tuple(fc.nat(9000), fc.nat(255));
    fc.assert(
      fc.property(fc.array(fc.oneof(change, early), { minLength: 1, maxLength: 6 }), (changes) => {
        const changed = new Uint8Array(file);
        for (const [at, byte] of changes) changed[at] = byte;
        expect(useAll(changed)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 150 },
    );
  });

  it('with any 64-bit number anywhere at its front is read or refused', () => {
    const edge = fc.oneof(
      fc.constantFrom(0n, 1n, (1n << 63n) - 1n, (1n << 64n) - 1n, 1n << 40n),
      fc.bigInt(0n, (1n << 64n) - 1n),
    );
    fc.assert(
      fc.property(fc.nat(1100), edge, (word, value) => {
        const changed = new Uint8Array(file);
        new DataView(changed.buffer).setBigUint64(Math.min(word * 8, file.length - 8), value, true);
        expect(useAll(changed)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 150 },
    );
  });
});

describe('arbitrary bytes', () => {
  const magic = fc.constantFrom('\x7fELF\x02\x01\x01', 'KDUMP   ', 'makedumpfile\0\0\0\0', '');
  it('are refused, or reported as a problem', () => {
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 600 }), (start, rest) => {
        const bytes = new Uint8Array([...Buffer.from(start, 'latin1'), ...rest]);
        expect(useAll(bytes)).toBeGreaterThan(0);
      }),
    );
  });
});

it('a ring that claims the largest possible size is given up', () => {
  const changed = new Uint8Array(ring);
  const view = new DataView(changed.buffer);
  const at = findRing(changed);
  view.setUint32(at, 26, true);
  view.setUint32(at + 48, 31, true);
  view.setBigUint64(at + 24, 1n << 61n, true);
  const problems: string[] = [];
  const found = [...readLog(openVmcoreBytes(changed))((what) => problems.push(what))];
  expect(found.length).toBeLessThanOrEqual(records.length);
  expect(problems[0]).toContain('further apart');
});

/** Finds the offset of struct printk_ringbuffer in the file: its count_bits and size_bits are 7 and 12. */
function findRing(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 64 < bytes.length; at += 4) {
    if (view.getUint32(at, true) === 7 && view.getUint32(at + 48, true) === 12) return at;
  }
  refuse('dump-log', 'EINVAL', 'no ring');
}
