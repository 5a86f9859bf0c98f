import { describe, expect, it } from 'vitest';
import { buildBzimage } from '../../../support/bzimage.js';
import { listFacts } from '../../../support/doctor.js';
import { buildX86Machine, MIB, SEABIOS_MEMORY } from '../../../support/x86-pc.js';

const above = { memory: [...SEABIOS_MEMORY, { start: 1n << 32n, end: 5n << 30n }] };
const initrd = new Uint8Array(Number(MIB));
const kernel = buildBzimage();

const placeOf = (machine: ReturnType<typeof buildX86Machine>) =>
  listFacts('initrd', machine, { kernel, initrd }).filter((fact) => fact.includes('initrd_addr_max'));

describe('the place of an initrd', () => {
  it('may be above the bound that boot loaders observe', () => {
    expect(placeOf(buildX86Machine(above))).toEqual([
      expect.stringMatching(
        /^fine kexec: the initrd would lie at 0x1[0-9a-f]{8}\.\.0x1[0-9a-f]{8}, above initrd_addr_max of the kernel \(0x7fffffff\)$/,
      ),
    ]);
    expect(placeOf(buildX86Machine())).toEqual([]);
  });

  it('is nowhere if it takes more than half of the RAM, with the kernel', () => {
    const machine = buildX86Machine({ ...above, totalRam: 100n * MIB });
    expect(listFacts('load', machine, { kernel, initrd })[0]).toMatch(
      /^stops kexec: the load is refused: EINVAL \(segment-total\)/,
    );
    expect(placeOf(machine)).toEqual([]);
  });
});
