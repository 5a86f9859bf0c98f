import { describe, expect, it } from 'vitest';
import { size } from '../../src/base/range.js';
import { MIB } from '../../src/base/u64.js';
import { runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { parseReports } from '../support/json-reports.js';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { recordPc } from './record-pc.js';

describe('a PC of QEMU', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it("is recorded by booting Debian's kernel by SeaBIOS, and crash kernels are planned for it", async () => {
    const { machine, file } = await recordPc('--board', 'q35');
    expect(machine).toMatchObject({
      name: 'qemu-q35',
      memorySource: 'iomem',
      possibleCpus: 2,
      qemu: { machine: 'q35', cpu: 'qemu64', memory: '768M', cpus: 2 },
      commandLine: expect.stringContaining('crashkernel=192M'),
      systemVendor: 'QEMU',
      systemProduct: expect.stringContaining('Q35'),
      firmware: { vendor: 'SeaBIOS' },
      kernel: { securityModules: expect.arrayContaining(['lockdown']) },
      x86: {
        fiveLevels: false,
        gigabytePages: false,
        resetRegister: { space: 'port', address: 0xcf9n, value: 0x0f },
      },
    });
    const { crashRegion, crash, efi, memory, totalRam = 0n, x86 } = machine;
    expect(crashRegion && size(crashRegion.high)).toBe(192n * MIB);
    expect(crash?.notes).toHaveLength(2);
    expect(efi).toBeUndefined();
    expect(memory.at(-1)?.end).toBeLessThanOrEqual(768n * MIB);
    expect(totalRam).toBeLessThan(576n * MIB);
    expect(x86.e820?.some(({ range, type }) => type === 1 && range.start === MIB)).toBe(true);
    expect(x86.bootParams).toHaveLength(4096);
    expect(x86.purgatory?.object).toBeDefined();
    expect(machine.unknown?.map(({ fact }) => fact)).toEqual(['config']);

    const plan = runCli('plan', corpus.x86CloudKernel(), '--machine', file, '--panic', '--json');
    expect(plan.status, plan.stderr).toBe(0);
    expect(parseReports(plan.stdout)).toEqual([expect.objectContaining({ type: 'crash' })]);
  });
});
