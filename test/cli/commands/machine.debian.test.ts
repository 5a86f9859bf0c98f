import { describe, expect, it } from 'vitest';
import { parseMachine } from '../../../src/machine/schema.js';
import { runCli } from '../../support/cli.js';
import { GIB, MIB } from '../../support/machine.js';

describe('kexec-file machine', () => {
  it('records a machine of QEMU with the given options', () => {
    const { status, stdout } = runCli(
      'machine',
      'record',
      '--qemu',
      '--memory',
      '512M',
      '--cpu',
      'neoverse-n1',
    );
    expect(status).toBe(0);
    expect(parseMachine(stdout)).toMatchObject({
      memory: [{ start: GIB, end: GIB + 512n * MIB }],
      reserved: [{ start: GIB, end: GIB + MIB }],
      arm64: { granules: [4096, 16384, 65536] },
      qemu: { machine: 'virt', cpu: 'neoverse-n1', memory: '512M', cpus: 2 },
    });
  });

  it('has a preset that equals the machine of QEMU', () => {
    const recorded = runCli('machine', 'record', '--qemu', '--memory', '2G', '--smp', '1').stdout;
    const preset = runCli('machine', 'show', 'qemu-virt', '--json').stdout;
    expect({ ...parseMachine(recorded), name: 'qemu-virt' }).toEqual(parseMachine(preset));
  });
});
