import { readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseMachine } from '../../../src/machine/schema.js';
import { makeTemporaryFolder, runCli } from '../../support/cli.js';
import { buildSmallDeviceTree, GIB } from '../../support/machine.js';
import { writeRoot } from '../../support/machine-root.js';
import { runProgram } from '../../support/programs.js';

const WITNESS = 'test/witness/witness.Image';

describe('kexec-file machine', () => {
  it('records a folder of collected files, and plans for that machine', () => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'fdt'), buildSmallDeviceTree());
    writeFileSync(join(folder, 'cmdline'), 'quiet\n');
    writeFileSync(
      join(folder, 'iomem'),
      '40000000-7fffffff : System RAM\n  40200000-41beffff : Kernel code\n  42000000-420fffff : reserved\n',
    );
    const machine = join(folder, 'server.json');
    expect(runCli('machine', 'record', '--from', folder, '-o', machine)).toEqual({
      status: 0,
      stdout: '',
      stderr: `${machine}: 1 GiB\n`,
    });
    expect(parseMachine(readFileSync(machine, 'utf8'))).toMatchObject({
      memorySource: 'iomem',
      memory: [{ start: GIB, end: 2n * GIB }],
      commandLine: 'quiet',
    });
    const plan = JSON.parse(runCli('plan', WITNESS, '--machine', machine, '--json').stdout);
    expect(plan.segments[0]).toMatchObject({ name: 'kernel', mem: '0x40000000' });

    expect(runCli('machine', 'show', machine).stdout).toMatch(/^memorySource +iomem$/m);
  });

  it('prints a script, and records its tar with the unknown facts', () => {
    const folder = makeTemporaryFolder();
    const root = join(folder, 'root');
    writeRoot(root, {
      '/sys/firmware/fdt': buildSmallDeviceTree(),
      '/proc/iomem': '40000000-7fffffff : System RAM\n',
      '/proc/sys/kernel/kexec_load_disabled': '1\n',
    });
    const [script, tar] = [join(folder, 'collect.sh'), join(folder, 'server.tar')];
    expect(runCli('machine', 'collector', '-o', script)).toEqual({
      status: 0,
      stdout: '',
      stderr: expect.stringMatching(/^\S+collect\.sh: the collector's script, [\d.]+ KiB\n$/),
    });
    expect(readFileSync(script, 'utf8')).toBe(runCli('machine', 'collector').stdout);
    runProgram('sh', [script, '-r', root, '-o', tar]);

    const machine = join(folder, 'server.json');
    const { status, stderr } = runCli('machine', 'record', '--from', tar, '-o', machine);
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(/^\S+server\.json: 1 GiB; \d+ facts unknown.*\n$/),
    ]);
    expect(runCli('machine', 'record', '--from', tar, '-o', machine)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('--force replaces it'),
    });
    expect(runCli('machine', 'record', '--from', tar, '-o', machine, '--force').status).toBe(0);
    const shown = runCli('machine', 'show', machine).stdout;
    expect(shown).toMatch(/^name +server$/m);
    expect(shown).toMatch(/^ +kexecLoadDisabled +true$/m);
    expect(shown).toMatch(/^ +vmcoreinfo: not found: the kernel needs CONFIG_PROC_KCORE$/m);
  });

  it('records the live machine, if Linux runs on it', () => {
    const { status, stdout, stderr } = runCli('machine', 'record');
    if (process.platform === 'linux' && ['arm64', 'x64'].includes(process.arch) && status === 0) {
      expect(parseMachine(stdout).kernel?.release).toBe(release());
    } else {
      // A user who is not root, or a container, may not see where RAM lies.
      expect(status).toBe(1);
      expect(stderr).toMatch(/^refused: (EOPNOTSUPP \(machine-live\)|EINVAL \((machine-facts|iomem-line)\))/);
    }
  });
  it.each([
    ['a file that is no tar', ['machine', 'record', '--from', 'README.md'], 1],
    ['two machines', ['machine', 'record', '--qemu', '--from', '.'], 2],
    ['UEFI without QEMU', ['machine', 'record', '--firmware', 'uefi', '--kernel', 'vmlinuz'], 2],
    ['UEFI without a kernel', ['machine', 'record', '--qemu', '--firmware', 'uefi'], 2],
    ['a kernel that nothing boots', ['machine', 'record', '--qemu', '--kernel', 'vmlinuz'], 2],
    ['a board without QEMU', ['machine', 'record', '--board', 'q35', '--kernel', 'vmlinuz'], 2],
    ["arm64's board without QEMU", ['machine', 'record', '--board', 'virt'], 2],
    ['a PC without a kernel', ['machine', 'record', '--qemu', '--board', 'pc'], 2],
    ['a PC at EL2', ['machine', 'record', '--qemu', '--board', 'pc', '--kernel', 'vmlinuz', '--el', '2'], 2],
    ['a board that is none', ['machine', 'record', '--qemu', '--board', 'microvm'], 2],
    ['a folder that does not exist', ['machine', 'record', '--from', '/no/such/folder'], 1],
    ['a folder without a device tree', ['machine', 'record', '--from', 'docs'], 1],
    ['a CPU that QEMU does not know', ['machine', 'record', '--qemu', '--cpu', 'z80'], 1],
  ])('refuses %s', (_, args, exitCode) => {
    const { status, stdout, stderr } = runCli(...args);
    expect(status).toBe(exitCode);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^(error|refused):/);
  });
});
