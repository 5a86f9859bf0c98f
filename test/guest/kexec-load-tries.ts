import { expect } from 'vitest';

/** What kexec-load-errnos.ts prints: the expected errno of every try, and words of the reason. */
export const KEXEC_LOAD_TRIES: Readonly<Record<string, RegExp>> = {
  good: /^0/,
  'start off the page':
    /^EADDRNOTAVAIL segment takes 0x40000001..0x40001001, which does not begin and end on pages/,
  'end off the page': /^EADDRNOTAVAIL segment takes 0x40000000..0x40001008, which does not/,
  'end of the address space': /^EADDRNOTAVAIL segment leaves the address space/,
  overlap: /^EINVAL segment 0x40001000..0x40002000 overlaps/,
  'more bytes than memory': /^EINVAL segment has 4 KiB \(0x1001\), more than the 4 KiB \(0x1000\) of memory/,
  '17 segments': /^EINVAL 17 segments, and the kernel takes at most 16/,
  'larger than half of the RAM': /^EINVAL .*larger than half of the RAM/,
  'bytes that are not there': /^EFAULT the segments cannot be read/,
  'beside another load': /^EBUSY another kexec call is under way/,
  'after another load was killed': /^0/,
  'another architecture': /^EINVAL flags that the kernel does not know, another architecture/,
  'a flag that no kernel has': /^EINVAL flags that the kernel does not know/,
  'good crash': /^0/,
  'crash outside its region': /^EADDRNOTAVAIL .*outside the crash region/,
  'crash entry outside its region': /^EADDRNOTAVAIL .*outside the crash region/,
  'crash without room for the kernel': /^ENOMEM the kernel has no memory/,
  'unload of nothing': /^0/,
  'no kexec_file_load': /^ENOSYS the kernel has no CONFIG_KEXEC_FILE/,
  'without CAP_SYS_BOOT': /^EPERM this process lacks CAP_SYS_BOOT/,
  'limit used up': /^EPERM kernel.kexec_load_limit_panic is 0/,
  lockdown: /^EPERM lockdown is integrity: this kernel refuses kexec_load/,
  IMA: /^EACCES IMA's policy appraises kernels/,
  disabled: /^EPERM kernel.kexec_load_disabled is 1/,
};

/** Holds what kexec-load-errnos.ts printed against what is expected. */
export function expectTries(printed: string | undefined, expected: Readonly<Record<string, RegExp>>): void {
  const tries = [...(printed ?? '').matchAll(/^\{.*\}$/gm)].map(([line]) => JSON.parse(line));
  expect(Object.fromEntries(tries.map(({ try: name, errno, why }) => [name, `${errno} ${why}`]))).toEqual(
    Object.fromEntries(
      Object.entries(expected).map(([name, pattern]) => [name, expect.stringMatching(pattern)]),
    ),
  );
}
