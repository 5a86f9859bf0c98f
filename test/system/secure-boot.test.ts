import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinLines, runCli } from '../support/cli.js';
import { isLoaded, runApt } from './administration.js';
import { findSystemImage } from './image.js';
import { findDeb } from './packages.js';
import { type DebianSystem, runSystem, SYSTEM_TEST_TIMEOUT } from './run-system.js';

/** `ima_appraise=off` has no effect under Secure Boot. */
const COMMAND_LINE = 'crashkernel=256M ima_appraise=off';

/** Makes the two system calls with arguments that no kernel loads, and prints their errnos. */
const ASK_KERNEL = `python3 -c '
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for arguments in ((104, 0, 0, 0, 0), (294, -1, -1, 0, 0, 0)):
    libc.syscall(*[ctypes.c_long(value) for value in arguments])
    print(ctypes.get_errno())
'`;
const EACCES = 13;
const ENOSYS = 38;

interface Finding {
  readonly topic: string;
  readonly severity: string;
  readonly about: string;
  readonly fact: string;
  readonly cure?: string;
}

/** Each test continues where the one before it ended. */
describe('a Debian system under Secure Boot', { timeout: SYSTEM_TEST_TIMEOUT }, () => {
  let system: DebianSystem;
  let folder: string;
  let findings: readonly Finding[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kexec-file-secure-'));
    system = await runSystem({ name: 'secure-boot', firmware: 'secure-boot', commandLine: COMMAND_LINE });
    await system.copyIn([findDeb('kexec-file', 'arm64')], '/root/');
    await runApt(system, 'install', '/root/kexec-file_*.deb');
  }, 2 * SYSTEM_TEST_TIMEOUT);

  afterAll(async () => {
    await system?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('was started by shim and GRUB, and locked itself down', async () => {
    expect(await system.succeed('cat /sys/kernel/security/lockdown')).toContain('[integrity]');
    const log = await system.succeed('dmesg');
    expect(log).toContain('Kernel is locked down from EFI Secure Boot');
    expect(log).toContain('Secure boot enabled: ignoring ima_appraise=off option');
    // shim's variables; GRUB's path of the kernel.
    expect(await system.succeed('ls /sys/firmware/efi/efivars')).toMatch(/^MokListRT-/m);
    expect(await system.succeed('cat /proc/cmdline')).toMatch(/^BOOT_IMAGE=\/vmlinuz /);
  });

  it('refuses both system calls: IMA comes before lockdown', async () => {
    expect(await system.succeed(ASK_KERNEL)).toBe(`${EACCES}\n${ENOSYS}\n`);
    const log = await system.succeed('dmesg');
    expect(log).toContain('impossible to appraise a kernel image without a file descriptor');
    expect(log).not.toContain('kexec of unsigned images is restricted');
  });

  it('is explained by doctor, with what is left to do', async () => {
    const { status, stdout } = await system.run('kexec-file doctor --json');
    expect(status).toBe(1);
    findings = (JSON.parse(stdout) as { findings: Finding[] }).findings;
    const stopping = findings.filter(({ severity }) => severity === 'stops');
    expect(stopping).toMatchObject([
      {
        topic: 'lockdown',
        about: 'both',
        fact: 'the kernel is locked down (integrity), and has no kexec_file_load(2)',
      },
      {
        topic: 'ima',
        about: 'both',
        fact: 'IMA refuses every kexec_load with EACCES: CONFIG_IMA_ARCH_POLICY with Secure Boot on',
      },
    ]);
    for (const { cure } of stopping)
      expect(cure).toMatch(/systemctl reboot.*CONFIG_KEXEC_FILE.*switch Secure Boot off in the firmware/);
    expect(findings.filter(({ severity, topic }) => severity === 'warns' && topic === 'ima')).toEqual([]);
  });

  it('loads nothing, and load says what the kernel would', async () => {
    const kernel = '/boot/vmlinuz-$(uname -r) --initrd /boot/initrd.img-$(uname -r) --reuse-cmdline';
    for (const [options, errno, check] of [
      ['--policy permissive', 'EACCES', 'ima-appraisal'],
      ['--policy permissive --syscall segments', 'EACCES', 'ima-appraisal'],
      ['--policy permissive --panic', 'EACCES', 'ima-appraisal'],
      ['--policy as-kernel --syscall file', 'ENOSYS', 'kexec-file-load'],
    ]) {
      const { status, stderr, stdout } = await system.run(`kexec-file load ${kernel} ${options}`);
      expect(status, options).toBe(1);
      expect(joinLines(stdout + stderr), options).toContain(`${errno} (${check})`);
    }
    expect([await isLoaded(system), await isLoaded(system, 'crash')]).toEqual([false, false]);
  });

  it('is planned as it happens, there and from a recording elsewhere', async () => {
    const kernel = '/boot/vmlinuz-$(uname -r)';
    const there = await system.run(`kexec-file plan ${kernel} --policy as-kernel --json`);
    await system.succeed('kexec-file machine record -o /root/machine.json');
    const machine = join(folder, 'machine.json');
    await system.copyOut('/root/machine.json', machine);
    const here = runCli(
      'plan',
      findSystemImage().kernel,
      '--policy',
      'as-kernel',
      '--machine',
      machine,
      '--json',
    );
    for (const { status, stdout } of [there, here]) {
      expect(status).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        refusal: {
          check: 'ima-appraisal',
          errno: 'EACCES',
          detail: expect.stringContaining('IMA refuses every kexec_load(2)'),
        },
      });
    }
    const doctor = runCli('doctor', '--machine', machine, '--json');
    expect(doctor.status).toBe(1);
    const gates = ({ topic }: Finding) => ['lockdown', 'ima', 'kernel-options', 'signature'].includes(topic);
    const recorded = (JSON.parse(doctor.stdout) as { findings: Finding[] }).findings;
    expect(recorded.filter(gates)).toEqual(findings.filter(gates));
  });

  it('has a log that explain understands', async () => {
    const { stdout } = await system.run('dmesg | kexec-file explain --log -');
    const text = joinLines(stdout);
    expect(text).toContain("IMA's policy appraises kernels, and kexec_load has no file");
    expect(text).toContain('a kernel without CONFIG_KEXEC_FILE has no call left');
  });
});
