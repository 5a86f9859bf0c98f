import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDmesgLine } from '../../../src/vmcore/log/dmesg.js';
import { readLog } from '../../../src/vmcore/log/read-log.js';
import {
  buildCrashedKernel,
  buildElfVmcore,
  buildFlatCrashedKernel,
  type Log,
} from '../../support/crashed-kernel.js';
import {
  openVmcoreBytes,
  REDUCED_VMCORES,
  readDmesg,
  readExpectedDmesg,
  readReducedVmcore,
} from '../../support/vmcore.js';

const text = fc.uint8Array({ maxLength: 60 });
const record = fc.record({ time: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }), text });

/** Formats records by vmcore-dmesg's rules, in another way than the code under test. */
function printed(records: readonly { readonly time: bigint; readonly text: Uint8Array }[]): string {
  return records
    .map(({ time, text: bytes }) => {
      const digits = time.toString().padStart(10, '0');
      const [seconds, micros] = [digits.slice(0, -9), digits.slice(-9, -3)];
      const shown = Buffer.from(bytes)
        .toString('latin1')
        .replace(/[^\t\n -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
      return `[${seconds.padStart(5)}.${micros}] ${shown}\n`;
    })
    .join('');
}

describe('the log of real kernels', () => {
  it.each(REDUCED_VMCORES)('%s is printed as vmcore-dmesg prints it', (name) => {
    expect(readDmesg(readReducedVmcore(name))).toEqual({ text: readExpectedDmesg(name), problems: [] });
  });

  it('has levels, facilities and callers', () => {
    const records = [...readLog(openVmcoreBytes(readReducedVmcore('linux-6.12-48bit')))(() => {})];
    const hello = records.find(({ text: bytes }) => Buffer.from(bytes).includes('hello from user space'));
    expect(hello).toMatchObject({ facility: 1, level: 4, caller: 'T1', sequence: 159n });
    expect(records[0]).toMatchObject({ facility: 0, level: 6, caller: 'T0', time: 0n, sequence: 0n });
  });

  it('names devices', () => {
    const records = [...readLog(openVmcoreBytes(readReducedVmcore('debian-6.12-52bit')))(() => {})];
    expect(records.filter(({ subsystem }) => subsystem === 'pci').length).toBeGreaterThan(0);
    for (const { subsystem, device } of records.filter((record) => record.subsystem === 'pci'))
      expect([subsystem, device]).toEqual(['pci', expect.stringMatching(/^\+pci:[\da-f]{4}:/)]);
  });
});

describe('a generated log', () => {
  const ring = fc.record({
    kind: fc.constant('ring' as const),
    textBits: fc.constant(12),
    firstId: fc.bigInt({ min: 0n, max: (1n << 62n) - 1n }),
    fillsToTheEnd: fc.boolean(),
    records: fc.array(record, { minLength: 1, maxLength: 40 }),
  });
  const logBuf = fc.record({
    kind: fc.constant('log_buf' as const),
    size: fc.constant(4096),
    first: fc.integer({ min: 0, max: 500 }).map((eighths) => eighths * 8),
    records: fc.array(record, { maxLength: 40 }),
  });

  it('of the ring is read back', () => {
    fc.assert(
      fc.property(ring, (log: Log) => {
        expect(readDmesg(buildElfVmcore(buildFlatCrashedKernel(log)))).toEqual({
          text: printed(log.records),
          problems: [],
        });
      }),
      { numRuns: 50 },
    );
  });

  it('of the older log is read back, except for the mark where it wraps', () => {
    fc.assert(
      fc.property(logBuf, (log: Log) => {
        const records = [
          ...readLog(openVmcoreBytes(buildElfVmcore(buildFlatCrashedKernel(log))))(() =>
            expect.unreachable(),
          ),
        ];
        expect(records.filter(({ isWrapMark }) => isWrapMark === true).length).toBeLessThanOrEqual(1);
        const lines = records.filter(({ isWrapMark }) => isWrapMark !== true).map(formatDmesgLine);
        expect(Buffer.concat(lines).toString('latin1')).toBe(printed(log.records));
      }),
      { numRuns: 50 },
    );
  });

  const bytes = (words: string): Uint8Array => new TextEncoder().encode(words);
  const records = Array.from({ length: 30 }, (_, index) => ({
    time: BigInt(index) * 1_000_000n,
    text: bytes(`line ${index}`),
  }));

  it.each([
    [4096, 39, 39, 3, 0x80000000n],
    [4096, 48, 48, 4, 0x80000000n],
    [4096, 52, 52, 5, 0xc000080000000n],
    [4096, 52, 48, 4, 0x80000000n],
    [16384, 36, 36, 2, 0x80000000n],
    [16384, 47, 47, 3, 0x80000000n],
    [16384, 48, 48, 4, 0x80000000n],
    [16384, 52, 52, 4, 0xc000080000000n],
    [16384, 52, 47, 3, 0x80000000n],
    [65536, 42, 42, 2, 0x80000000n],
    [65536, 48, 48, 3, 0x80000000n],
    [65536, 52, 52, 3, 0xc000080000000n],
    [65536, 52, 48, 3, 0xc000080000000n],
  ] as const)(
    'is found with pages of %i bytes, %i configured bits, %i bits of the CPUs, %i levels of page tables',
    (pageSize, configuredBits, bits, levels, dataAt) => {
      for (const log of [
        { kind: 'ring', textBits: 12, firstId: 77n, records },
        { kind: 'log_buf', size: 4096, first: 64, records },
      ] as const) {
        const bytesOfDump = buildElfVmcore(
          buildCrashedKernel({ pageSize, configuredBits, bits, levels, dataAt, log }),
        );
        expect(readDmesg(bytesOfDump)).toEqual({ text: printed(records), problems: [] });
      }
    },
  );
});
