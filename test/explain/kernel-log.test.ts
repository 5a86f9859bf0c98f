import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelLog } from '../../src/explain/kernel-log.js';

function matchesOf(...lines: readonly string[]) {
  const log = new KernelLog();
  for (const line of lines) log.read(line);
  return log.matches;
}

/** The errno in a line, and the checks behind it. */
const checksOf = (line: string) =>
  matchesOf(line).map(({ errno, checks }) => [errno, ...checks.map(({ check }) => check)]);

describe('KernelLog', () => {
  it.each([
    ['PEFILE: Unsigned PE binary', undefined, 'pe-signed'],
    ['[    3.1] kexec_image: PEFILE: Digest mismatch', undefined, 'pe-digest'],
    ['Lockdown: kexec: kexec of unsigned images is restricted; see man', undefined, 'lockdown'],
    ['kexec_file: Enforced kernel signature verification failed (-126).', 'ENOKEY', 'trust'],
    ['integrity: Problem loading X.509 certificate -65', 'ENOPKG', 'trust'],
    ["machine_kexec: Can't kexec: CPUs are stuck in the kernel.", undefined, 'running-cpus'],
    ['crashkernel reservation failed - memory is in use.', undefined, 'crash-region'],
    ['cannot allocate crashkernel (size:0x20000000)', undefined, 'crash-region'],
    ['audit: op=appraise_data cause=missing-hash comm="kexec" res=0', 'EACCES', 'ima-appraisal'],
    ['X.509: Cert 0102 is blacklisted', undefined, 'blacklist'],
    ['kexec_load failed: Function not implemented\r', 'ENOSYS', 'running-call'],
    ['kexec_file_load failed: No such message', undefined, 'kexec-file-load'],
  ])('%s', (line, errno, check) => {
    expect(checksOf(line)).toEqual([[errno, check]]);
  });

  it('lists the checks that can end in an errno if the line has only an errno', () => {
    expect(checksOf('kexec_file_load failed: Device or resource busy')).toEqual([
      ['EBUSY', 'running-lock', 'running-cpus'],
    ]);
    const [many] = checksOf('kexec_file: kernel signature verification failed (-129).');
    expect(many).toEqual(expect.arrayContaining(['EKEYREJECTED', 'pe-digest', 'pkcs7-time', 'blacklist']));
    const [whole] = matchesOf('kexec_file_load failed: Invalid argument');
    expect(whole).toMatchObject({
      errno: 'EINVAL',
      meaning: expect.stringContaining('the kernel is no Image'),
    });
    expect(whole?.checks.map(({ check }) => check)).toEqual(['kexec-file-load']);
  });

  it('counts repetitions and keeps the first line and the last', () => {
    const line = (second: number): string => `[ ${second}.0] PEFILE: Unsigned PE binary`;
    expect(matchesOf('x', line(1), 'y', line(2))).toEqual([
      expect.objectContaining({
        line: 2,
        text: '[ 1.0] PEFILE: Unsigned PE binary',
        times: 2,
        last: { line: 4, text: '[ 2.0] PEFILE: Unsigned PE binary' },
      }),
    ]);
  });

  it.each([
    'audit: op=appraise_data cause=missing-hash comm="cat" res=0',
    'X.509: Cert of somebody',
    'Kernel command line: crashkernel=256M kexec',
    'crashkernel reserved: 0x0000000060000000 - 0x0000000070000000 (256 MB)',
    '',
  ])('ignores "%s"', (line) => {
    expect(matchesOf(line)).toEqual([]);
  });

  it('keeps one match for each cause and errno, of bounded size, for any input', () => {
    const hostile = fc.string({ unit: 'binary', maxLength: 2000 }).map((text) => `MSCODE: x${text}`);
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 20 }), (lines) => {
        const matches = matchesOf(...lines);
        expect(matches.length).toBeGreaterThan(0);
        const keys = matches.map(({ cause, errno }) => `${cause} ${errno}`);
        expect(new Set(keys).size).toBe(matches.length);
        for (const { text } of matches) expect(text.length).toBeLessThanOrEqual(4096);
      }),
    );
  });
});
