import { describe, expect, it } from 'vitest';
import { type CrashRecord, listChanges, parseCrashRecord } from '../../src/kdump/crash-record.js';

const RECORD: CrashRecord = {
  time: '2026-11-29T03:32:07.123Z',
  release: '6.12.117',
  kernel: { path: '/boot/vmlinuz', size: 3, sha256: 'aa' },
  initrd: { path: '/boot/initrd', size: 4, sha256: 'bb' },
  commandLine: 'root=/dev/vda',
  policy: 'enforce',
  syscall: 'segments',
  layout: 'cc',
};

describe('the record of a loaded crash kernel', () => {
  it('is read as it was written; anything else is none', () => {
    expect(parseCrashRecord(JSON.stringify(RECORD))).toEqual(RECORD);
    for (const text of ['', '{', 'null', '[]', JSON.stringify({ ...RECORD, kernel: 'x' })])
      expect(parseCrashRecord(text)).toBeUndefined();
  });

  it('is the same for the same files, even under other names', () => {
    expect(listChanges(RECORD, { ...RECORD, kernel: { ...RECORD.kernel, path: '/vmlinuz' } })).toEqual([]);
  });

  it('names each difference', () => {
    const { initrd: _, ...other } = RECORD;
    expect(
      listChanges(RECORD, {
        ...other,
        kernel: { ...RECORD.kernel, sha256: 'dd' },
        commandLine: '',
        policy: 'permissive',
        layout: 'ee',
      }),
    ).toEqual([
      'the kernel has changed',
      'the initrd has changed',
      'the command line has changed',
      'the policy for signatures has changed',
      "the machine's CPUs or memory have changed",
    ]);
    expect(listChanges(undefined, RECORD)).toEqual(['another program loaded the crash kernel']);
  });
});
