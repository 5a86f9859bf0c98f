import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LogMatch } from '../../../src/explain/kernel-log.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { formatMachine } from '../../../src/machine/schema.js';
import { removeSignatures } from '../../../src/trust/sign/remove.js';
import { joinLines, makeTemporaryFolder, runCli } from '../../support/cli.js';
import { corpus } from '../../support/corpus.js';
import { buildCrashMachine } from '../../support/crash.js';
import { buildUki, buildZboot, gzipKernel } from '../../support/kernel-files.js';
import { buildMachine, GIB, MIB } from '../../support/machine.js';
import { makeSigningKeys, signFile } from '../../support/signing.js';

const KERNEL = corpus.cloudKernel();
const image = new Uint8Array(readFileSync(KERNEL));
const unsigned = removeSignatures(image, 'all');
const { rsa: vendor } = makeSigningKeys();

function file(contents: Uint8Array | string, name = 'kernel'): string {
  const path = join(makeTemporaryFolder(), name);
  writeFileSync(path, contents);
  return path;
}

const machineFile = (machine: Machine): string => file(formatMachine(machine), 'machine.json');

interface CheckJson {
  readonly check: string;
  readonly group: string;
  readonly standing: string;
  readonly why: string;
  readonly rule: string;
  readonly source: string;
  readonly cure: string;
}

function explainJson(...args: readonly string[]) {
  const { status, stdout, stderr } = runCli('explain', ...args, '--json');
  expect(stderr).toBe('');
  return { status, ...JSON.parse(stdout) };
}

/** The checks that end in an errno, by the facts in the arguments. */
function found(...args: readonly string[]): string[] {
  const list: readonly CheckJson[] = explainJson(...args).errno.checks;
  return list.filter(({ standing }) => standing === 'found').map(({ check, why }) => `${check}: ${why}`);
}

/** The block of the refusal: its check, what was seen, the rule, its source, and the cure. */
function refusalOf(stdout: string): RegExpExecArray | null {
  return /^ {2}(\S+) \(([a-z ]+)\)\n {4}seen {2}.+(?:\n {10}.+)*\n {4}rule {2}.+(?:\n {10}.+)*\n {4}from {2}.+(?:\n {10}.+)*\n {4}cure {2}/m.exec(
    stdout,
  );
}

describe('kexec-file explain', () => {
  const zboot = buildZboot(gzipKernel(image), 'gzip', image.length);
  const wide = image.slice();
  wide[24] = (wide[24] ?? 0) | 6; // pages of 64 KiB
  const uki = buildUki(corpus.stub(), { '.cmdline': 'quiet', '.linux': image });
  const small = buildMachine({ memory: [{ start: GIB, end: GIB + 16n * MIB }] });

  it.each<[string, Uint8Array, readonly string[], Machine, string, string, RegExp]>([
    [
      'a zboot cut short',
      zboot.slice(0, 5_000_000),
      [],
      buildMachine(),
      'zboot',
      'file',
      /: refused: ENOEXEC \(8, Exec format error\)/,
    ],
    [
      'an unsigned UKI under enforce',
      buildUki(corpus.stub(), { '.linux': unsigned }),
      ['--policy', 'enforce'],
      buildMachine(),
      'pe-signed',
      'signature',
      /: refused: ENODATA \(61, No data available\)/,
    ],
    [
      'a kernel of 64K pages where the CPUs have none',
      wide,
      [],
      buildMachine({ arm64: { granules: [4096, 16384] } }),
      'image-granule',
      'machine',
      /the Image uses 64K pages; the CPUs have 4K, 16K \(at offset 0x18\)/,
    ],
    ['a machine without room', image, [], small, 'segment-hole', 'placement', /: too small/],
  ])(
    'names check, rule and cure for %s, and exits with 1',
    (_, kernel, args, machine, check, group, seen) => {
      const { status, stdout, stderr } = runCli(
        'explain',
        file(kernel),
        '--machine',
        machineFile(machine),
        ...args,
      );
      expect(stderr).toBe('');
      expect(status).toBe(1);
      expect(joinLines(stdout)).toMatch(/^kernel( \([^)]+\))? on test: refused: E/);
      expect(refusalOf(stdout)?.slice(1)).toEqual([check, group]);
      expect(stdout).toMatch(seen);
      expect(stdout).not.toContain('\u001b');
    },
  );

  it('lists what was checked for a kernel that loads, by subject, in the order of the kernel', () => {
    const { status, stdout } = runCli('explain', KERNEL, '--keyring', corpus.shim());
    expect(status).toBe(0);
    expect(joinLines(stdout.slice(0, stdout.indexOf('\n\n')))).toMatch(
      /^vmlinuz-\S+ \(Linux 6\.\S+, signed by Debian Secure Boot Signer [^)]*\) on qemu-virt \(the preset; --machine names another\): loads$/,
    );
    const groups = stdout.match(/^[a-z][a-z ]+$/gm);
    expect(groups).toEqual([
      ...['file', 'signature', 'machine', 'placement', 'device tree', 'purgatory'],
      'next boot',
    ]);
    const steps = [...stdout.matchAll(/^ +(\d+) {2}(?:ok|note) /gm)].map(([, step]) => Number(step));
    expect(steps.toSorted((a, b) => a - b)).toEqual(steps.map((_, index) => index + 1));
  });

  it('prints the same as JSON', () => {
    const { status, verdict, refusal, groups } = explainJson(file(image.slice(0, 5_000_000)));
    expect(status).toBe(1);
    expect(verdict).toBe('refused');
    expect(refusal).toEqual({
      step: 4,
      group: 'file',
      check: 'pe-section',
      verdict: 'refused',
      errno: 'ELIBBAD',
      detail: expect.stringContaining('offset'),
      rule: expect.any(String),
      source: expect.any(String),
      cure: expect.any(String),
    });
    expect(groups.map(({ group }: { group: string }) => group)).toEqual(['file', 'signature']);
    expect(explainJson(KERNEL)).toMatchObject({ status: 0, verdict: 'loads', machine: 'qemu-virt' });
  });

  describe('names the cause of problems that users reported', () => {
    it('a zboot image of unknown type: it is recognised and opened', () => {
      const { status, stdout } = runCli('explain', file(zboot));
      expect(status).toBe(0);
      expect(joinLines(stdout)).toMatch(/ok zboot: zboot image of \S+ MiB \(0x[0-9a-f]+\): .* by gzip/);
      const log = file('Cannot determine the file type of /boot/vmlinuz\n', 'kdump.log');
      expect(runCli('explain', '--log', log).stdout).toContain('kernel-file (file)');
    });

    it('EINVAL for a UKI: the kernel accepts only an Image', () => {
      const path = file(uki);
      expect(found(path, '--errno', 'EINVAL')).toEqual([
        expect.stringMatching(/^image-magic: if the system call gets the file itself: /),
      ]);
      const { status, stdout } = runCli('explain', path);
      expect(status).toBe(0);
      expect(stdout).toContain('kexec_file_load(2) refuses this file as it is: EINVAL');
    });

    it('a signature on a UKI: the running kernel needs one on the Image inside', () => {
      const path = file(signFile(buildUki(corpus.stub(), { '.linux': unsigned }), vendor));
      const machine = machineFile(buildMachine({ kexecSignature: 'force' }));
      const args = [path, '--machine', machine, '--cert', vendor.certificatePath];
      const { status, stdout } = runCli('explain', ...args, '--policy', 'as-kernel');
      expect(status).toBe(1);
      expect(stdout).toMatch(/ok {4}signature: the UKI is signed by /);
      expect(refusalOf(stdout)?.[1]).toBe('pe-signed');
      expect(runCli('explain', ...args, '--policy', 'enforce').status).toBe(0);
    });

    it('RAM that is missing in the device tree: iomem has it', () => {
      const folder = makeTemporaryFolder();
      writeFileSync(join(folder, 'fdt'), buildMachine().arm64.deviceTree);
      const refused = runCli('machine', 'record', '--from', folder);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(/\(machine-facts\)[\s\S]*cure {2}record the machine again, as root/);
      writeFileSync(join(folder, 'iomem'), '40000000-7fffffff : System RAM\n');
      const path = join(folder, 'machine.json');
      expect(runCli('machine', 'record', '--from', folder, '-o', path).status).toBe(0);
      expect(runCli('explain', KERNEL, '--machine', path).status).toBe(0);
    });

    it('a kernel without CONFIG_KEXEC, a crash kernel without /proc/kcore', () => {
      const without = machineFile(buildMachine({ kernel: { config: { CRASH_DUMP: 'y' } } }));
      expect(found('--errno', 'ENOSYS', '--machine', without)).toEqual([
        'running-call: the running kernel has neither CONFIG_KEXEC nor CONFIG_KEXEC_FILE',
      ]);
      const { crash: _, ...unknown } = buildCrashMachine();
      const { status, stdout } = runCli('explain', KERNEL, '--panic', '--machine', machineFile(unknown));
      expect(status).toBe(1);
      expect(refusalOf(stdout)?.[1]).toBe('elfcorehdr');
      expect(stdout).toMatch(/cure {2}record the machine as root/);
    });

    it('"Device or resource busy": CPUs that cannot be switched off', () => {
      const stuck = machineFile(buildMachine({ possibleCpus: 4, arm64: { enableMethods: ['spin-table'] } }));
      expect(found('--errno', 'device or resource busy', '--machine', stuck)).toEqual([
        'running-cpus: CPUs are started by spin-table',
      ]);
      const log = file("[   42.1] machine_kexec: Can't kexec: CPUs are stuck in the kernel.\n", 'dmesg');
      expect(explainJson('--log', log).log.matches).toEqual([
        expect.objectContaining({
          line: 1,
          times: 1,
          checks: [expect.objectContaining({ check: 'running-cpus' })],
        }),
      ]);
    });

    it('"Function not implemented" without -a: the kernel has only the other call', () => {
      const machine = machineFile(buildMachine({ kernel: { config: { KEXEC: 'y' } } }));
      const { errno } = explainJson('--errno', 'Function not implemented', '--machine', machine);
      expect(errno.checks).toEqual([
        expect.objectContaining({
          check: 'running-call',
          standing: 'possible',
          why: 'the running kernel has kexec_load, and no kexec_file_load',
          cure: expect.stringContaining('load by kexec_load'),
        }),
      ]);
    });

    it('52-bit addresses that makedumpfile does not support', () => {
      const log = file('kdump[521]: calculate_plat_config: PAGE SIZE 0x1000 and VA Bits 52 not supported\n');
      const { status, stdout } = runCli('explain', '--log', log);
      expect(status).toBe(0);
      expect(stdout).toMatch(/dump-tool \(vmcores\)[\s\S]*cure {2}save it with kexec-file vmcore save/);
    });
  });

  describe('--errno', () => {
    it('lists what kernel and machine rule out, and what they leave open', () => {
      const { status, stdout } = runCli('explain', KERNEL, '--errno', '-22', '--machine', 'qemu-virt');
      expect(status).toBe(0);
      expect(stdout).toContain('\nEINVAL (22, Invalid argument)\n  kexec_file_load: ');
      expect(stdout).toMatch(/Possible causes\n {2}undecided: not verified: no keyring/);
      expect(stdout).toMatch(/Ruled out by the known facts\n[\s\S]*image-granule: the Image uses 4K pages/);
      expect(stdout).not.toContain('The cause, by');
    });

    it('finds the check that the load ends in', () => {
      const args = [KERNEL, '--machine', machineFile(small), '--errno', 'EADDRNOTAVAIL'];
      expect(found(...args)).toEqual([expect.stringMatching(/^segment-hole: no hole for kernel/)]);
    });

    it.each(['EPERM', '1', 'Operation not permitted'])('takes %s', (errno) => {
      const { errno: listed, status } = explainJson('--errno', errno);
      expect(status).toBe(0);
      expect(listed.name).toBe('EPERM');
      expect(listed.checks.map(({ check }: CheckJson) => check)).toEqual([
        'lockdown',
        'live-permission',
        'security-module',
      ]);
    });
  });

  describe('--log', () => {
    it('finds only the jump to the crash kernel in the log of a crash', () => {
      const { log } = explainJson('--log', 'test/data/vmcore/debian-6.1-48bit.dmesg');
      expect(log.lines).toBeGreaterThan(200);
      expect(log.matches.map(({ cause, severity }: LogMatch) => [cause, severity])).toEqual([
        ['jump-to-next', 'harmless'],
      ]);
    });

    it('prints no escape sequences', () => {
      const log = file('\u001b[2J\u001b]0;x\u0007PEFILE: Unsigned PE binary\u001b[31m\r\n', 'dmesg');
      const { stdout } = runCli('explain', '--log', log);
      expect(stdout).toContain('line 1: PEFILE: Unsigned PE binary\n');
      expect(stdout).not.toContain('\u001b');
    });
  });

  it.each([
    ['nothing to explain', []],
    ['an unknown errno', ['--errno', 'EWHATEVER']],
    ['an unknown option', [KERNEL, '--no-such-option']],
  ])('exits with 2 for %s', (_, args) => {
    const { status, stdout, stderr } = runCli('explain', ...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('error:');
  });

  it.each([
    ['a kernel', ['/no/such/kernel']],
    ['a log', ['--log', '/no/such/log']],
    ['a machine', [KERNEL, '--machine', 'no-such-machine']],
  ])('exits with 1 for %s that cannot be read', (_, args) => {
    const { status, stderr } = runCli('explain', ...args);
    expect(status).toBe(1);
    expect(stderr).toContain('(file-access)');
  });

  it('has help with examples', () => {
    const { status, stdout } = runCli('explain', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('Examples:');
  });
});
