import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type CliRun, runCli } from '../../support/cli.js';

const WITNESS = 'test/witness/witness.Image';

/** The command where it cannot do anything, whatever machine tests run on. */
function runElsewhere(...args: readonly string[]): CliRun {
  const elsewhere = "data:text/javascript,Object.defineProperty(process,'arch',{value:'riscv64'})";
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', elsewhere, 'bin/kexec-file.js', ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

describe('on a machine that is neither arm64 nor x86_64', () => {
  it.each([
    [['load', WITNESS]],
    [['load', '/nonexistent', '--syscall', 'segments', '--panic', '--reuse-cmdline']],
    [['exec']],
    [['unload']],
    [['unload', '--panic', '--syscall', 'file']],
  ])('refuses %j before it reads or changes anything', (args) => {
    const { status, stdout, stderr } = runElsewhere(...args);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /^refused: ENOSYS \(live-platform\)\n {2}seen {2}this is Node for \S+ on riscv64$/m,
    );
  });
});

describe('wrong usage', () => {
  it.each([
    [['load'], 'give a kernel, or --default'],
    [['load', WITNESS, '--syscall', 'both'], 'Allowed choices are auto, file, segments'],
    [['load', WITNESS, '--append', 'a', '--command-line', 'b'], 'cannot be used with'],
    [['load', WITNESS, '--mem-min', 'low'], 'an address such as 0x80000000'],
    [['load', WITNESS, '--entry', '0x10000000000000000'], 'of at most 64 bits'],
    [['load', WITNESS, '--policy', 'none'], 'Allowed choices are enforce, permissive, as-kernel'],
    [['unload', 'kernel'], 'too many arguments'],
    [['status', '--panic'], "unknown option '--panic'"],
    [['exec', '--force'], "unknown option '--force'"],
  ])('%j exits with 2', (args, message) => {
    const { status, stderr } = runElsewhere(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe('the options that plan shares with load', () => {
  it('place segments within --mem-min and --mem-max, and enter at --entry', () => {
    const { status, stdout } = runCli(
      ...[
        'plan',
        WITNESS,
        '--json',
        '--mem-min',
        '0x50000000',
        '--mem-max',
        '0x5fffffff',
        '--entry',
        '0x50000004',
      ],
    );
    expect(status).toBe(0);
    const { entry, segments } = JSON.parse(stdout);
    expect(entry).toBe('0x50000004');
    expect(segments).toHaveLength(3);
    for (const { mem, memsz } of segments) {
      expect(BigInt(mem)).toBeGreaterThanOrEqual(0x5000_0000n);
      expect(BigInt(mem) + BigInt(memsz)).toBeLessThanOrEqual(0x6000_0000n);
    }
  });

  it('refuse a range that ends before it starts, and one without room', () => {
    const inverted = runCli('plan', WITNESS, '--mem-min', '2', '--mem-max', '0');
    expect(inverted.status).toBe(1);
    expect(inverted.stderr).toMatch(/^refused: EINVAL \(range-order\)/);
    const nothing = runCli('plan', WITNESS, '--mem-max', '4095');
    expect(nothing.stderr).toMatch(/^refused: EADDRNOTAVAIL \(segment-hole\)/);
  });

  it('accept --append for --command-line', () => {
    const bytesOf = (...args: string[]) =>
      JSON.parse(runCli('plan', WITNESS, '--json', ...args).stdout).trail.find(
        ({ check }: { check: string }) => check === 'command-line',
      ).detail;
    expect(bytesOf('--append', 'abc')).toBe(bytesOf('--command-line', 'abc'));
  });

  it.each(['--reuse-cmdline', '--capture-cmdline'])(
    'refuses %s where the command line is not known',
    (option) => {
      const { status, stderr } = runCli('plan', WITNESS, option);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^refused: ENODATA \(command-line\)/);
    },
  );
});
