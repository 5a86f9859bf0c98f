import { describe, expect, it } from 'vitest';
import { KexecError, refuse } from '../../../src/base/error.js';
import { DENIED } from '../../../src/machine/collect/sources.js';
import { chooseMachine, type MachineSources } from '../../../src/node/live/choose-machine.js';
import { buildMachine } from '../../support/machine.js';

const ARM64 = { platform: 'linux', arch: 'arm64' } as const;
const X86_64 = { platform: 'linux', arch: 'x64' } as const;
const OTHERS = [
  { platform: 'linux', arch: 'riscv64' },
  { platform: 'darwin', arch: 'arm64' },
] as const;

const record = (): never => {
  throw new Error('this machine is not to be recorded');
};

function choose(name: string | undefined, sources: Partial<MachineSources>) {
  return chooseMachine(name, { host: ARM64, record, ...sources });
}

describe('the machine that is planned for', () => {
  it('is the named one, wherever the command runs', async () => {
    expect(await choose('qemu-virt', {})).toMatchObject({ by: 'name', machine: { name: 'qemu-virt' } });
    await expect(choose('nosuch.json', {})).rejects.toMatchObject({ check: 'file-access' });
  });

  it.each([ARM64, X86_64])(
    'is this machine on Linux for $arch, with the facts that only root can read',
    async (host) => {
      const unknown = [
        { fact: 'memblock-reserved', reason: DENIED },
        { fact: 'config', reason: 'not found' },
      ];
      const machine = buildMachine({ name: 'server1', unknown });
      expect(await choose(undefined, { host, record: () => machine })).toEqual({
        machine,
        by: 'host',
        denied: ['memblock-reserved'],
      });
    },
  );

  it.each(OTHERS)('is the preset on $platform for $arch', async (host) => {
    expect(await choose(undefined, { host })).toMatchObject({
      by: 'default',
      machine: { name: 'qemu-virt' },
    });
  });

  it.each([
    [ARM64, 'qemu-virt'],
    [X86_64, 'qemu-q35'],
  ] as const)('is no other where %o cannot be read: the refusal says what to do', async (host, preset) => {
    const denied = () => refuse('machine-facts', 'ENODATA', 'the device tree is unknown: permission denied');
    const error = await choose(undefined, { host, record: denied }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KexecError);
    expect(error).toMatchObject({
      check: 'machine-facts',
      seen: 'this machine cannot be read: the device tree is unknown: permission denied',
      cure: expect.stringMatching(new RegExp(`as root.*--machine FILE, --machine ${preset}$`)),
    });
  });
});
