import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseMachine } from '../../src/machine/schema.js';
import { makeTemporaryFolder } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { listFacts } from '../support/doctor.js';
import { findExecutable } from '../support/executable.js';
import { parseReports } from '../support/json-reports.js';
import { GUEST_TEST_TIMEOUT } from './guest.js';

const PANIC = 'Kernel panic - not syncing: sysrq triggered crash';

/** Runs the executable asynchronously, because it takes long. @returns standard output */
async function runExecutable(...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(findExecutable(process.arch), args)).stdout;
}

describe('a machine of QEMU with UEFI firmware', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('is recorded by booting it, and its crash is rehearsed with UEFI and ACPI', async () => {
    const folder = makeTemporaryFolder();
    const [file, console, vmcore] = ['uefi.json', 'console', 'vmcore'].map((name) => join(folder, name));
    const kernel = ['--kernel', corpus.cloudKernel(), '--busybox', corpus.busybox()];
    const board = ['--qemu', '--firmware', 'uefi', '--memory', '768M', '--command-line', 'crashkernel=192M'];
    await runExecutable('machine', 'record', ...board, ...kernel, '-o', file ?? '');

    const machine = parseMachine(readFileSync(file ?? '', 'utf8'));
    expect(machine).toMatchObject({
      name: 'qemu-virt-uefi',
      memorySource: 'memblock',
      possibleCpus: 2,
      systemProduct: 'QEMU Virtual Machine',
      efi: { platformSize: 64, tables: ['ACPI20', 'SMBIOS3'], services: ['variables', 'time'] },
      acpi: { cpuMethod: 'psci-hvc', console: { type: 'pl011', address: 0x0900_0000n } },
      kernel: { securityModules: expect.arrayContaining(['lockdown']) },
    });
    expect(machine).toMatchObject({ commandLine: expect.stringContaining('crashkernel=192M') });
    expect(machine.crashRegion?.high).toBeDefined();
    expect(machine.qemu).toBeUndefined();
    expect(listFacts('cpus', machine)).toEqual([
      'fine kexec: CPUs are started and stopped by PSCI, called by HVC (there are 2)',
    ]);

    const rehearsal = ['--machine', file ?? '', '--console', console ?? '', '--vmcore', vmcore ?? ''];
    const printed = await runExecutable('crash', 'rehearse', ...rehearsal, ...kernel, '--json');
    expect(parseReports(printed)).toEqual([
      expect.objectContaining({
        verdict: 'ok',
        firmware: 'uefi',
        vmcore: expect.objectContaining({ panic: PANIC }),
      }),
    ]);
    const log = readFileSync(console ?? '', 'utf8').replace(/^[\s\S]*Kernel panic/, '');
    expect(log).toMatch(/kexec-file: \d+ bytes verified, \d+ ms; entering 0x/);
    expect(log).toMatch(/efi: EFI v[\d.]+ by EDK II/);
    expect(log).toContain('ACPI: SPCR: console: pl011');
  });
});
