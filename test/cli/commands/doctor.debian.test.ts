import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SEVERITIES } from '../../../src/doctor/finding.js';
import { buildCpio } from '../../../src/formats/cpio.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { buildQemuVirt } from '../../../src/machine/presets/qemu-virt.js';
import { formatMachine } from '../../../src/machine/schema.js';
import { makeTemporaryFolder, runCli } from '../../support/cli.js';
import { corpus } from '../../support/corpus.js';
import { buildCrashMachine } from '../../support/crash.js';
import { compress } from '../../support/kernel-files.js';
import { asArm64, buildMachine } from '../../support/machine.js';

const KERNEL = corpus.cloudKernel();
const CONFIG = KERNEL.replace('vmlinuz-', 'config-');

/** A machine file, with a device tree that has devices. */
function recorded(machine: Machine): string {
  const path = join(makeTemporaryFolder(), 'machine.json');
  writeFileSync(
    path,
    formatMachine({
      ...asArm64(machine),
      arm64: { ...asArm64(machine).arm64, deviceTree: buildQemuVirt().arm64.deviceTree },
    }),
  );
  return path;
}

interface FindingJson {
  readonly topic: string;
  readonly severity: string;
  readonly fact: string;
  readonly cure?: string;
}

function findings(...args: readonly string[]): { status: number | null; findings: FindingJson[] } {
  const { status, stdout, stderr } = runCli('doctor', ...args, '--json');
  expect(stderr).toBe('');
  const report = JSON.parse(stdout);
  expect(Object.keys(report)).toEqual(['schema', 'version', 'findings']);
  return { status, findings: report.findings };
}

const stopping = (list: readonly FindingJson[]) =>
  list.filter(({ severity }) => severity === 'stops').map(({ topic, fact }) => `${topic}: ${fact}`);

describe('kexec-file doctor', () => {
  it('exits with 0 if nothing stops kexec or kdump on a recorded machine', () => {
    const machine = recorded(buildCrashMachine({ commandLine: 'crashkernel=256M console=ttyAMA0' }));
    const { status, stdout } = runCli('doctor', '--machine', machine);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^What is not known\n/);
    expect(stdout).toContain('256M are reserved for a crash kernel, at 0x60000000..0x70000000');
    expect(stdout).toMatch(/\nkexec: nothing stops it.*\nkdump: nothing stops it.*\n$/);
    expect(stdout).not.toContain('\u001b');
  });

  it('prints the findings as JSON, the worst first, and exits with 1 if one stops kexec or kdump', () => {
    const machine = recorded(
      buildMachine({
        commandLine: 'quiet',
        lockdown: 'integrity',
        possibleCpus: 2,
        kernel: { config: { KEXEC: 'y' } },
      }),
    );
    const report = findings('--machine', machine);
    expect(report.status).toBe(1);
    expect(stopping(report.findings)).toEqual([
      'lockdown: the kernel is locked down (integrity), and has no kexec_file_load(2)',
      'kernel-options: the running kernel has no CONFIG_CRASH_DUMP',
      'kernel-options: the crash kernel has no CONFIG_PROC_VMCORE',
      'cpus: the running kernel has no CONFIG_HOTPLUG_CPU, on 2 CPUs',
      'crash-region: no memory is reserved for a crash kernel: the command line has no crashkernel=',
    ]);
    for (const finding of report.findings) {
      expect(finding).toEqual({
        topic: expect.any(String),
        severity: expect.toBeOneOf([...SEVERITIES]),
        about: expect.stringMatching(/^(kexec|kdump|both)$/),
        fact: expect.any(String),
        why: expect.any(String),
        ...(finding.severity === 'stops' || finding.cure !== undefined ? { cure: expect.any(String) } : {}),
        source: expect.any(String),
      });
    }
  });

  it('examines a kernel with its signature, initrd, console and configuration', () => {
    const folder = makeTemporaryFolder();
    const initrd = join(folder, 'initrd');
    writeFileSync(
      initrd,
      compress(buildCpio([{ name: 'init', type: 'file', bytes: new Uint8Array(9) }]), 'zstd'),
    );
    const { status, findings: list } = findings(
      KERNEL,
      ...['--machine', 'qemu-virt', '--initrd', initrd, '--config', CONFIG],
      ...['--keyring', corpus.shim(), '--command-line', 'console=ttyAMA0'],
    );
    expect(status).toBe(0);
    const facts = list.map(({ severity, fact }) => `${severity}: ${fact}`);
    expect(facts).toEqual(
      expect.arrayContaining([
        'fine: the signature holds',
        'fine: the initrd is compressed with zstd',
        'fine: the next kernel prints to ttyAMA0 (console= on the command line)',
        'fine: the Image uses 4K pages, which the CPUs have',
        expect.stringMatching(/^fine: the kernel can be loaded: kernel at 0x40200000, initrd at /),
      ]),
    );
  });

  it('enforces signatures with a trusted certificate or by the policy', () => {
    const cut = join(makeTemporaryFolder(), 'vmlinuz');
    writeFileSync(cut, readFileSync(KERNEL).subarray(0, 5_000_000));
    const examine = (...args: readonly string[]) => findings(KERNEL, '--machine', 'qemu-virt', ...args);
    expect(examine().status).toBe(0);
    expect(examine('--policy', 'permissive').status).toBe(0);
    expect(stopping(examine('--policy', 'enforce').findings)).toEqual([
      expect.stringMatching(/^signature: no trusted certificate is known: ENOKEY/),
    ]);
    const refused = findings(cut, '--machine', 'qemu-virt', '--keyring', corpus.shim());
    expect(stopping(refused.findings)).toEqual([
      expect.stringMatching(/^load: the load is refused: ELIBBAD \(pe-section\)/),
      expect.stringMatching(/^signature: the signature does not hold: /),
    ]);
    expect(refused.status).toBe(1);
  });

  it('simulates the load of a crash kernel', () => {
    const { findings: list } = findings(KERNEL, '--panic', '--machine', recorded(buildCrashMachine()));
    expect(list.map(({ fact }) => fact)).toContainEqual(
      expect.stringMatching(/^the crash kernel can be loaded: kernel at 0x60000000/),
    );
  });

  it.each([
    ['an unknown option', ['--no-such-option']],
    ['an unknown policy', ['--policy', 'lax']],
    ['two kernels', [KERNEL, KERNEL]],
  ])('exits with 2 for %s', (_, args) => {
    expect(runCli('doctor', ...args).status).toBe(2);
  });

  it.each([
    ['a kernel', ['/no/such/kernel', '--machine', 'qemu-virt']],
    ['a configuration', ['--config', '/no/such/config', '--machine', 'qemu-virt']],
    ['a machine', ['--machine', 'no-such-machine']],
    ['a keyring', [KERNEL, '--keyring', '/no/such/keyring', '--machine', 'qemu-virt']],
  ])('exits with 1 for %s that cannot be read', (_, args) => {
    const { status, stderr } = runCli('doctor', ...args);
    expect(status).toBe(1);
    expect(stderr).toContain('(file-access)');
  });

  it('has help with examples', () => {
    const { status, stdout } = runCli('doctor', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('Examples:');
  });
});
