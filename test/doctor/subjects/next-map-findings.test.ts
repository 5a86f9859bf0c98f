import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../../src/base/range.js';
import { buildBzimage } from '../../support/bzimage.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine, GIB } from '../../support/machine.js';
import { recordX86, X86_RECORDINGS } from '../../support/x86-machine.js';
import { buildX86Machine, MIB, SEABIOS_MEMORY } from '../../support/x86-pc.js';

const mapOf = (facts: readonly string[]) => facts.filter((fact) => fact.includes('memory map that the next'));

/** 128 KiB of RAM each, with a hole behind it. */
const pieces = (count: number) =>
  Array.from({ length: count }, (_, index) => rangeOf(GIB + BigInt(index) * MIB, MIB / 8n));

describe('the memory map that the next kernel gets', () => {
  it.each(X86_RECORDINGS)('has all RAM of %s', (name) => {
    const machine = recordX86(name);
    expect(listFacts('memory', machine)).toContain(
      `fine kexec: the next kernel gets a memory map of ${machine.x86.e820?.length} entries, with all RAM in it`,
    );
  });

  it('is no part of a load for arm64', () => {
    expect(mapOf(listFacts('memory', buildMachine()))).toEqual([]);
  });

  it('is unknown, or what it was before memory was added', () => {
    const machine = recordX86('x86-64-seabios');
    const { e820: _, ...others } = machine.x86;
    expect(listFacts('memory', { ...machine, x86: others })).toContain(
      'unknown kexec: the memory map that the next kernel gets is not known',
    );
    const { bootParams: __, ...withoutBoot } = machine.x86;
    expect(listFacts('memory', { ...machine, x86: withoutBoot })).toContainEqual(
      expect.stringMatching(
        /^unknown kexec: whether RAM was added while the running kernel runs is not known/,
      ),
    );
    const config = { KEXEC_FILE: 'y' };
    const withoutHotplug = listFacts('memory', { ...machine, kernel: { config }, x86: withoutBoot });
    expect(withoutHotplug.join()).not.toContain('added');
  });

  it('lacks memory that was added, where a load places its segments', () => {
    const added = rangeOf(4n * GIB, GIB);
    const machine = buildX86Machine({ memory: [...SEABIOS_MEMORY, added] });
    const seen = '1G (0x100000000..0x140000000) of RAM are not in the memory map that the next kernel gets';
    expect(listFacts('memory', machine)).toContain(`warns kexec: ${seen}`);
    const [finding] = listFindings('memory', machine, { kernel: buildBzimage() });
    expect(finding?.fact).toBe(`${seen}, and purgatory, boot-params, kernel would lie there`);
    expect(finding?.cure).toContain('kexec_load');
    const [crash] = listFindings('memory', machine, { kernel: buildBzimage(), panic: true });
    expect(crash?.fact).toBe(seen);
  });

  it('has room for 128 entries', () => {
    const ram = pieces(130).map((range) => ({ range, type: 1 }));
    const memory = ram.map(({ range }) => range);
    expect(listFacts('memory', buildX86Machine({ memory }, { e820: ram }))).toContain(
      'warns kexec: the memory map has 130 entries, and a load hands over the first 128: ' +
        '256K (0x48000000..0x48020000, 0x48100000..0x48120000) of RAM are missing',
    );
    const reserved = pieces(130).map((range) => ({ range, type: 2 }));
    expect(listFacts('memory', buildX86Machine({ memory: [] }, { e820: reserved }))).toContain(
      'warns kexec: the memory map has 130 entries, and a load hands over the first 128: reserved ranges are missing',
    );
  });
});

describe('the memory map of a crash kernel', () => {
  const withResources = (count: number) =>
    buildX86Machine({}, { resources: pieces(count).map((range) => ({ name: 'Reserved', range })) });
  const listMap = (count: number) =>
    listFacts('crash-region', withResources(count)).filter((fact) => fact.includes('entries'));

  it('ends with the crash region, which has no room behind 128 others', () => {
    // One entry is the RAM below 1 MiB.
    expect(listMap(126)).toEqual([]);
    expect(listMap(127)).toEqual([
      'stops kdump: the memory map of a crash kernel needs 129 entries, and has room for 128: ' +
        '512M (0x5e000000..0x7e000000) are missing',
    ]);
  });

  it('is not examined without a crash region', () => {
    const { crashRegion: _, ...machine } = withResources(200);
    expect(listFacts('crash-region', machine).join()).not.toContain('entries');
  });
});
