import { describe, expect, it } from 'vitest';
import { addPurgatory } from '../../../src/node/collect/add-purgatory.js';
import { corpus } from '../../support/corpus.js';
import { recordX86 } from '../../support/x86-machine.js';

describe("the running kernel's purgatory", () => {
  const machine = recordX86('x86-64-seabios');

  it('is added to a machine, and is not unknown any more', async () => {
    const { unknown, x86 } = await addPurgatory(machine, corpus.x86CloudKernel());
    expect(unknown).toBeUndefined();
    expect(x86.purgatory).toMatchObject({ bufsz: 0x4000n, memsz: 0x5000n, alignment: 0x1000n });
  });

  it.each([
    ['a kernel of another release', corpus.cloudKernel(), 'running-purgatory'],
    ['a file that is no kernel', 'README.md', 'bzimage-header'],
    ['no file', 'no-such-file', 'file-access'],
  ])('is refused for %s', async (_, path, check) => {
    await expect(addPurgatory(machine, path)).rejects.toMatchObject({ check });
  });
});
