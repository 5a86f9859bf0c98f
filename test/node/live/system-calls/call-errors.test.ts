import { describe, expect, it } from 'vitest';
import { ERRNO, type Errno } from '../../../../src/base/error.js';
import type { PlacedBytes } from '../../../../src/kexec/segment-rules.js';
import { buildFileLoadError } from '../../../../src/node/live/system-calls/kexec-file-load.js';
import { buildSegmentLoadError } from '../../../../src/node/live/system-calls/kexec-load.js';

const PAGE = 4096n;
const segment = (name: string, mem: bigint, memsz = PAGE, bytes = 16): PlacedBytes => ({
  name,
  mem,
  memsz,
  bytes: new Uint8Array(bytes),
});
const errorOf = (errno: Errno, ...segments: PlacedBytes[]) =>
  buildSegmentLoadError({ entry: 0x8000_0000n, segments, type: 'default', flags: 0xb70000 }, ERRNO[errno]);

describe('an error of kexec_load', () => {
  it('has the call, every argument, the errno, and its cause', () => {
    const error = errorOf('EBUSY', segment('kernel', 0x8000_0000n), segment('dtb', 0x9000_0000n, 2n * PAGE));
    expect(error).toMatchObject({ check: 'kexec-load', errno: 'EBUSY' });
    expect(error.seen).toBe(
      'kexec_load(entry=0x80000000, nr_segments=2, ' +
        'segments=[{kernel, bufsz=0x10, mem=0x80000000, memsz=0x1000}, ' +
        '{dtb, bufsz=0x10, mem=0x90000000, memsz=0x2000}], flags=0xb70000) = -1, EBUSY (16): ' +
        'another kexec call is under way, or, on arm64, the CPUs cannot be stopped, because neither PSCI nor another method ' +
        'takes them down (enable-method spin-table)',
    );
  });

  it.each([
    [
      'EADDRNOTAVAIL',
      [segment('kernel', 0x8000_0200n)],
      'kernel takes 0x80000200..0x80001200, which does not',
    ],
    [
      'EADDRNOTAVAIL',
      [segment('dtb', 0n, 100n)],
      'dtb takes 0x0..0x64, which does not begin and end on pages',
    ],
    [
      'EADDRNOTAVAIL',
      [segment('dtb', 2n ** 64n - PAGE)],
      'dtb leaves the address space: 4 KiB (0x1000) at 0xf',
    ],
    ['EADDRNOTAVAIL', [segment('dtb', 0n)], 'outside the crash region'],
    ['EINVAL', [segment('a', 0n, 2n * PAGE), segment('b', PAGE)], 'b 0x1000..0x2000 overlaps a 0x0..0x2000'],
    [
      'EINVAL',
      [segment('a', 0n, PAGE, 4097)],
      'a has 4 KiB (0x1001), more than the 4 KiB (0x1000) of memory',
    ],
    ['EINVAL', Array.from({ length: 17 }, (_, at) => segment('a', BigInt(at) * PAGE)), '17 segments'],
    ['EINVAL', [segment('a', 0n)], 'larger than half of the RAM'],
    ['ENOSYS', [], 'the kernel has no CONFIG_KEXEC'],
  ] as const)('%s: finds the segment at fault, or tells what there is (%#)', (errno, segments, why) => {
    const { seen } = errorOf(errno, ...segments);
    expect(seen).toContain(why);
  });

  it('keeps the number of an unknown errno', () => {
    const error = buildSegmentLoadError({ entry: 0n, segments: [], type: 'default', flags: 0 }, 77);
    expect(error.errno).toBe('EIO');
    expect(error.seen).toMatch(/ = -1, errno \(77\)$/);
  });
});

describe('an error of kexec_file_load', () => {
  it('has the call, every argument, the errno, and its cause', () => {
    const args = { kernel: 3, initrd: -1, commandLine: 'a "b"', flags: 6 };
    const error = buildFileLoadError(args, ERRNO.ETXTBSY);
    expect(error).toMatchObject({ check: 'kexec-file-load', errno: 'ETXTBSY' });
    expect(error.seen).toBe(
      'kexec_file_load(kernel_fd=3, initrd_fd=-1, cmdline_len=6, cmdline="a \\"b\\"", flags=0x6) = -1, ' +
        'ETXTBSY (26): a file is open for writing somewhere',
    );
  });

  it('explains every errno of signature checks', () => {
    const errnos: Errno[] = [
      'ELIBBAD',
      'ENODATA',
      'ENOKEY',
      'EKEYREJECTED',
      'EBADMSG',
      'ENOPKG',
      'EMSGSIZE',
      'ENOTSUPP',
      'EINVAL',
      'EPERM',
    ];
    for (const errno of errnos) {
      const args = { kernel: 3, initrd: 4, commandLine: undefined, flags: 0 };
      expect(buildFileLoadError(args, ERRNO[errno]).seen).toMatch(
        new RegExp(`cmdline_len=0, cmdline=NULL, .* = -1, ${errno} \\(\\d+\\): ....`),
      );
    }
  });
});
