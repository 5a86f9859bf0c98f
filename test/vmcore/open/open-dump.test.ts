import { describe, expect, it } from 'vitest';
import { createByteSource } from '../../../src/base/byte-source.js';
import { concatenate } from '../../../src/base/bytes.js';
import { readCoreHeaders } from '../../../src/formats/elf/core-file.js';
import { ET_CORE, PT_LOAD } from '../../../src/formats/elf/format.js';
import { headersSize, type ProgramHeader, writeHeaders } from '../../../src/formats/elf/program-headers.js';
import { nodeCodecs } from '../../../src/node/codecs/node-codecs.js';
import { readLog } from '../../../src/vmcore/log/read-log.js';
import { catchRefusal } from '../../support/hostile.js';
import { buildFlattened, buildKdump, PACKS } from '../../support/kdump.js';
import { openVmcoreBytes, readDmesg, readExpectedDmesg, readReducedVmcore } from '../../support/vmcore.js';

const NAME = 'debian-6.12-52bit';

describe('a compressed dump', () => {
  it.each(['none', 'zlib', 'zstd', 'lzo', 'snappy'] as const)(
    'whose pages are compressed by %s is read',
    (pack) => {
      const dump = buildKdump(readReducedVmcore(NAME), PACKS[pack]);
      expect(openVmcoreBytes(dump)).toMatchObject({
        format: 'kdump-compressed',
        isFlattened: false,
        problems: [],
      });
      expect(readDmesg(dump)).toEqual({ text: readExpectedDmesg(NAME), problems: [] });
    },
  );

  it('lists all memory, and how much of it the file contains', () => {
    const vmcore = readReducedVmcore(NAME);
    const whole = openVmcoreBytes(buildKdump(vmcore, PACKS.zlib)).memory.ranges();
    const frame = Number((whole[0]?.start ?? 0n) / 4096n);
    const filtered = openVmcoreBytes(buildKdump(vmcore, PACKS.zlib, [frame]));
    const ranges = filtered.memory.ranges();
    expect(ranges.map(({ start, end }) => [start, end])).toEqual(whole.map(({ start, end }) => [start, end]));
    expect(whole.every(({ start, end, present }) => present === end - start)).toBe(true);
    expect((whole[0]?.present ?? 0n) - (ranges[0]?.present ?? 0n)).toBe(4096n);
    const read = (address: bigint) => catchRefusal(() => filtered.memory.read(address, 1));
    expect(read(whole[0]?.start ?? 0n)).toMatchObject({ errno: 'ENODATA', check: 'dump-memory' });
    expect(read(0n)).toMatchObject({ errno: 'EFAULT', check: 'dump-memory' });
    expect(read(1n << 60n)).toMatchObject({ errno: 'EFAULT', check: 'dump-memory' });
  });

  it('is refused if it is one file of several', () => {
    const dump = buildKdump(readReducedVmcore(NAME), PACKS.none);
    new DataView(dump.buffer).setUint32(4096 + 12, 1, true);
    expect(catchRefusal(() => openVmcoreBytes(dump))).toMatchObject({
      errno: 'EINVAL',
      check: 'kdump-header',
    });
  });
});

describe('/proc/kcore', () => {
  it('is read, although most of its PT_LOADs have no physical address', () => {
    const vmcore = readReducedVmcore(NAME);
    const headers = readCoreHeaders(createByteSource(vmcore), () => {});
    const size = headersSize(headers.length + 1);
    const moved = headers.map((header) => ({ ...header, offset: header.offset + BigInt(size) }));
    const [load] = moved.filter(({ type }) => type === PT_LOAD);
    // The kernel's image is in the part for vmalloc, too.
    const mapped = { ...load, virtualAddress: 0xffff800080000000n, physicalAddress: 2n ** 64n - 1n };
    const programHeaders = [{ ...mapped, memorySize: 1n << 46n } as ProgramHeader, ...moved];
    const kcore = concatenate([writeHeaders({ type: ET_CORE, entry: 0n, programHeaders }, size), vmcore]);
    expect(readDmesg(kcore)).toEqual({ text: readExpectedDmesg(NAME), problems: [] });
  });
});

describe('a page of zstd', () => {
  const packed = Buffer.from(
    'KLUv/WQADw0OAPQTAAcOFRwjKjE4P0ZNVFtiaXB3foWMk5qhqK+2vcTL0tng5+71AQgPFkHFzNPa4ejv9gIJEBceJSwzOkFIT1ZdZGtyeYCHjpWco6qxuL/GzdTbQY+WnaSrsrnAx87V3OPq8fgECxIZICcuNTxDSlFYX2ZtdHuCiZCXnqVBWWBnbnV8g4qRmJ+mrbS7wsnQ197l7PP6Bg0UGyIpMDc+RUxTWmFob0EdJCsyOUHi6fD3A0Gss7rByEF2fYSLkkFAR05VXEEKERgfJkHP1t3k60GZoKeutUFjanF4f0EtNDtCSUHy+QUME0G8w8rR2EGGjZSbokFQV15lbEEaISgvNkHf5u30AEGpsLe+xUFzeoGIj0E9REtSWUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQYClqJHaTPc/A1B6Zw0SCBT8Hy38/RX9Jt/JI5OSn8SCSPGL5IF48mniQWjoVHZAPOhnNiQ85CYZYhb0I3lkUvKTWBApfpE8EE8+TTwIDZ3KDogH/cyGhOHlBcYlLuRTnuVBnvIpn/IkT7mQAzmUJ3nKhRzIobz4lYjXdA2smYAqbRYZpg==',
    'base64',
  );
  const page = Uint8Array.from({ length: 4096 }, (_, index) => (index % 64 < 40 ? (index * 7) % 251 : 65));

  it('that zstd -19 compressed is decompressed', () => {
    expect(Buffer.from(nodeCodecs.zstd(packed, 4096)).equals(page)).toBe(true);
  });

  it.each([
    ['of a larger page', () => nodeCodecs.zstd(packed, 2048)],
    ['that is cut short', () => nodeCodecs.zstd(packed.subarray(0, -5), 4096)],
    ['with a second frame behind it', () => nodeCodecs.zstd(Buffer.concat([packed, packed]), 4096)],
    ['without its magic', () => nodeCodecs.zstd(packed.subarray(1), 4096)],
  ])('%s is refused', (_, unpack) => {
    expect(['compressed-data', 'unwrapped-size']).toContain(catchRefusal(unpack)?.check);
  });
});

describe('a flattened dump', () => {
  it.each([
    ['ELF', readReducedVmcore(NAME)],
    ['kdump-compressed', buildKdump(readReducedVmcore(NAME), PACKS.zlib)],
  ])('of %s is read', (format, file) => {
    const flat = buildFlattened(file, 10_007);
    expect(openVmcoreBytes(flat)).toMatchObject({ format, isFlattened: true, problems: [] });
    expect(readDmesg(flat)).toEqual({ text: readExpectedDmesg(NAME), problems: [] });
  });

  it('that is cut short is reported', () => {
    const flat = buildFlattened(readReducedVmcore(NAME), 10_007);
    const { problems } = openVmcoreBytes(flat.subarray(0, -1));
    expect(problems).toEqual([expect.stringContaining('no end mark')]);
  });
});

describe('a vmcore that is cut short', () => {
  it('returns what it has, and reports the rest', () => {
    const whole = readReducedVmcore(NAME);
    const text = readExpectedDmesg(NAME);
    const cut = whole.subarray(0, whole.length - 80_000);
    const vmcore = openVmcoreBytes(cut);
    expect(vmcore.problems).toEqual([expect.stringContaining('cut short')]);
    const problems: string[] = [];
    const records = [...readLog(vmcore)((what) => problems.push(what))];
    const lines = text.split('\n').length - 1;
    expect(records.length).toBeLessThanOrEqual(lines);
    expect(problems.length > 0 || records.length === lines).toBe(true);
  });
});

it('another file is refused', () => {
  expect(catchRefusal(() => openVmcoreBytes(new Uint8Array(100)))).toMatchObject({
    errno: 'ENOEXEC',
    check: 'dump-kind',
  });
  expect(catchRefusal(() => openVmcoreBytes(new Uint8Array(0)))).toMatchObject({
    errno: 'ENOEXEC',
    check: 'dump-kind',
  });
});
