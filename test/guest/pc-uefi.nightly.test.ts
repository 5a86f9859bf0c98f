import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { recordPc } from './record-pc.js';

describe('a PC of QEMU with UEFI firmware', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('is recorded with what UEFI hands on', async () => {
    const { machine, file } = await recordPc('--board', 'pc', '--firmware', 'uefi');
    expect(machine).toMatchObject({
      name: 'qemu-pc-uefi',
      memorySource: 'iomem',
      possibleCpus: 2,
      systemVendor: 'QEMU',
      systemProduct: expect.stringContaining('i440FX'),
      efi: { platformSize: 64, tables: expect.arrayContaining(['ACPI20', 'SMBIOS']) },
    });
    expect(machine.qemu).toBeUndefined();
    const { crashRegion, x86 } = machine;
    expect(crashRegion).toBeDefined();
    expect(x86.efiHandOver?.rsdp).toBeDefined();
    expect(x86.efiHandOver?.runtimeMap.length).toBeGreaterThan(0);
    expect(x86.purgatory?.object).toBeDefined();

    const { status, stderr } = runCli('plan', corpus.x86CloudKernel(), '--machine', file);
    expect(status, stderr).toBe(0);
  });
});
