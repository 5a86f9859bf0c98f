/** A machine without firmware of its own: acpi.test.ts, uefi-machine.test.ts and pc-machine.test.ts record others. */
import { describe, expect, it } from 'vitest';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { buildRecordScript, expectSameMachine, readRecorded } from './recorded-guest.js';

describe('machine record in a guest', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it.each(['cloud-6.1', 'cloud-6.12'] as const)(
    'records the same machine of %s live, from a tar and from a folder',
    expectSameMachine,
  );

  it('lists the facts that an ordinary user cannot read', async () => {
    const { output, status } = await runGuest({ script: buildRecordScript('su nobody -s /bin/sh -c') });
    expect(status, output).toBe(0);
    const [machine] = readRecorded(output);
    expect(machine.memorySource).toBe('device-tree');
    expect(machine.arm64.enableMethods).toEqual(['psci']);
    expect(machine.crash).toBeUndefined();
    expect(machine.unknown?.map(({ fact }) => fact)).toEqual([
      'fdt',
      'memblock-memory',
      'memblock-reserved',
      'kho-scratch-phys',
      'kho-scratch-len',
      'config',
      'vmcoreinfo',
      'crash-notes',
      'iomem',
      'kallsyms',
    ]);
    expect(machine.unknown?.[0]?.reason).toMatch(/^permission denied: read it as root/);
  });
});
