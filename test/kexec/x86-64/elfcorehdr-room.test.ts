import { describe, expect, it } from 'vitest';
import { hasCrashHotplug, measureElfcorehdr } from '../../../src/kexec/x86-64/elfcorehdr-room.js';
import type { X86Facts } from '../../../src/machine/x86-64/x86-machine.js';
import { buildX86Machine } from '../../support/x86-pc.js';

const HEADER = new Uint8Array(4096);

function machineWith(config: Record<string, string> | undefined, crashElfcorehdrSize?: bigint) {
  const { crashElfcorehdrSize: _, ...x86 } = buildX86Machine().x86;
  const facts: X86Facts = crashElfcorehdrSize === undefined ? x86 : { ...x86, crashElfcorehdrSize };
  return { ...buildX86Machine({ kernel: config === undefined ? {} : { config } }), x86: facts };
}

const HOTPLUG = { CRASH_HOTPLUG: 'y', NR_CPUS_DEFAULT: '8192', CRASH_MAX_MEMORY_RANGES: '8192' };

describe('the room of an ELF core header', () => {
  it.each<[string, ReturnType<typeof machineWith>, bigint]>([
    ["Debian's, as sysfs shows it", machineWith(undefined, 917616n), 0xe_00b0n],
    ["Debian's, by its configuration", machineWith({ ...HOTPLUG, MEMORY_HOTPLUG: 'y' }), 0xe_00b0n],
    ['without memory hotplug', machineWith(HOTPLUG), BigInt(64 + 56 * (2 + 8192 + 3))],
    [
      'without memory hotplug, as sysfs shows it',
      machineWith(HOTPLUG, 56n * 8194n),
      BigInt(64 + 56 * (2 + 8192 + 3)),
    ],
    ['more entries than ELF counts', machineWith(undefined, 56n * 0xffffn), 4096n],
    ['without hotplug', machineWith({ CRASH_DUMP: 'y' }), 4096n],
    ['nothing known', machineWith(undefined), 4096n],
    ['hotplug of an unknown size', machineWith({ CRASH_HOTPLUG: 'y' }), 4096n],
  ])('%s', (_, machine, room) => {
    expect(measureElfcorehdr(HEADER, 3, machine)).toBe(room);
  });

  it('is updated only with hotplug', () => {
    expect(hasCrashHotplug(machineWith(undefined, 917616n))).toBe(true);
    expect(hasCrashHotplug(machineWith(HOTPLUG))).toBe(true);
    expect(hasCrashHotplug(machineWith({}))).toBe(false);
  });
});
