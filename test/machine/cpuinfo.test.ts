import { describe, expect, it } from 'vitest';
import { readBootApicId, readCpuinfoFacts } from '../../src/machine/cpuinfo.js';

const cpu = (number: number, id: string): string =>
  `processor\t: ${number}\nvendor_id\t: GenuineIntel\napicid\t\t: 5\ninitial apicid\t: ${id}\nflags\t\t: fpu vme\n\n`;

describe('/proc/cpuinfo', () => {
  it('has the APIC ID of the CPU on which the kernel started', () => {
    expect(readBootApicId(cpu(0, '16') + cpu(1, '0'))).toBe(16);
    expect(readCpuinfoFacts(cpu(0, '16'))).toEqual({ architecture: 'x86_64', x86: { bootApicId: 16 } });
  });

  it.each([
    ['if CPU 0 is offline', cpu(1, '2')],
    ['if the number is none', cpu(0, '-1')],
    ['if it is too long', cpu(0, '99999999999')],
    ['of a kernel without APICs', 'processor\t: 0\nflags\t: fpu\n\n'],
  ])('has none %s', (_, text) => {
    expect(readBootApicId(text)).toBeUndefined();
    expect(readCpuinfoFacts(text)).toEqual({ architecture: 'x86_64' });
  });

  it.each([undefined, '', 'processor\t: 0\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n\n'])(
    'is not that of x86_64: %j',
    (text) => {
      expect(readCpuinfoFacts(text)).toEqual({});
    },
  );
});
