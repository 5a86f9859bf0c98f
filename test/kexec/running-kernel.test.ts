/** The same load, decided by kexec_file_load of one release after the other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addReservation,
  deleteNode,
  findNode,
  getProperty,
  setProperty,
} from '../../src/formats/fdt/edit.js';
import { parseFdt } from '../../src/formats/fdt/parse.js';
import type { Fdt, FdtNode } from '../../src/formats/fdt/tree.js';
import { encodeU64 } from '../../src/formats/fdt/values.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import type { Kimage } from '../../src/kexec/kimage.js';
import type { LoadOptions } from '../../src/kexec/load-options.js';
import type { LoadRequest } from '../../src/kexec/request.js';
import type { Arm64Machine } from '../../src/machine/arm64/arm64-machine.js';
import { buildCrashMachine } from '../support/crash.js';
import { buildImage } from '../support/image.js';
import { countingRandom, expectRefusal, findSegment, loadOrFail } from '../support/load.js';
import { buildMachine, buildSmallDeviceTree, GIB, MIB } from '../support/machine.js';

const initrd = new Uint8Array(3 * Number(MIB));
/** With room for the kernel in the low range, and for the initrd only 40 GiB above it. */
const SPLIT_MEMORY = [
  { start: GIB, end: GIB + 4n * MIB },
  { start: 41n * GIB, end: 42n * GIB },
];

const byFile = (options: LoadOptions = {}): LoadRequest => ({
  kernel: buildImage(),
  initrd,
  random: countingRandom,
  options: { purgatory: false, commandLine: 'quiet', ...options },
});

/** With purgatory, as kexec_load(2) gets it. */
const bySegments = (options: LoadOptions = {}): LoadRequest => ({
  ...byFile(),
  options: { call: 'segments', commandLine: 'quiet', ...options },
});

const runs = (release: string | undefined, facts: Partial<Arm64Machine> = {}): Arm64Machine => ({
  ...buildMachine(),
  ...(facts as object),
  kernel: { ...(release === undefined ? {} : { release }), ...facts.kernel },
});

function treeOf(kimage: Kimage): { fdt: Fdt; chosen: FdtNode; names: string[] } {
  const fdt = parseFdt(findSegment(kimage, 'dtb').bytes);
  const chosen = findNode(fdt.root, '/chosen');
  if (chosen === undefined) throw new Error('there is no /chosen');
  return { fdt, chosen, names: chosen.properties.map(({ name }) => name) };
}

/** A machine with this release, whose device tree was changed. */
function withTree(release: string, change: (fdt: Fdt, chosen: FdtNode) => void): Arm64Machine {
  const fdt = parseFdt(buildSmallDeviceTree());
  const chosen = findNode(fdt.root, '/chosen');
  if (chosen === undefined) throw new Error('there is no /chosen');
  change(fdt, chosen);
  return { ...runs(release), arm64: { deviceTree: writeFdt(fdt) } };
}

describe('the system call', () => {
  it('is not there on arm64 before Linux 5.0', () => {
    const { refusal } = expectRefusal(byFile(), runs('4.19.0-27-arm64'));
    expect(refusal).toMatchObject({ check: 'running-call', errno: 'ENOSYS' });
    expect(refusal.seen).toContain('4.19.0-27-arm64');
    expect(refusal.cure).toContain('--syscall segments');
    expect(loadOrFail({ kernel: buildImage() }, runs('4.19.0-27-arm64')).kimage.type).toBe('default');
  });

  it('is there if the configuration says so, and may be there in a kernel with later changes', () => {
    const configured = runs('4.19.0', { kernel: { release: '4.19.0', config: { KEXEC_FILE: 'y' } } });
    expect(loadOrFail(byFile(), configured).kimage.segments).toHaveLength(3);
    const { trail } = loadOrFail(byFile(), runs('4.18.0-553.el8_10.aarch64'));
    const note = trail.find(({ check }) => check === 'placement-rules');
    expect(note?.detail).toContain('the rules are those of 4.18.0-553.el8_10.aarch64');
    expect(note?.detail).toContain('its distribution may have added changes');
  });

  it('takes crash kernels from 5.6 on; kexec_load takes them from any', () => {
    const crash = { ...byFile({ type: 'crash' }) };
    for (const release of ['5.0.0', '5.5.19']) {
      const machine = { ...buildCrashMachine(), kernel: { release } };
      const { refusal } = expectRefusal(crash, machine);
      expect(refusal).toMatchObject({ check: 'crash-file-load', errno: 'EOPNOTSUPP' });
      expect(loadOrFail(bySegments({ type: 'crash' }), machine).kimage.type).toBe('crash');
    }
    expect(loadOrFail(crash, { ...buildCrashMachine(), kernel: { release: '5.6.0' } }).kimage.type).toBe(
      'crash',
    );
  });

  it('reads files below 2 GiB before 6.0', () => {
    const large = { ...byFile(), initrd: { length: 2 ** 31 } as Uint8Array };
    expect(expectRefusal(large, runs('5.19.17')).refusal).toMatchObject({
      check: 'file-size',
      errno: 'EFBIG',
      cure: expect.stringContaining('run Linux 6.0 or later'),
    });
    // No release reads more than 4 GiB.
    const huge = { ...large, initrd: { length: 5 * 2 ** 30 } as Uint8Array };
    expect(expectRefusal(huge, runs('5.19.17')).refusal.cure).toMatch(/such as a disk image$/);
    for (const release of ['6.0.0', undefined])
      expect(expectRefusal(large, runs(release)).refusal.check).toBe('segment-hole');
    expect(
      expectRefusal({ ...large, ...bySegments(), initrd: large.initrd }, runs('5.19.17')).refusal.check,
    ).toBe('segment-hole');
  });
});

describe('placement', () => {
  it.each(['5.0.0', '5.4.302', '5.9.8'])('%s searches for the kernel once', (release) => {
    const machine = runs(release, { memory: SPLIT_MEMORY });
    const { refusal, trail } = expectRefusal(byFile(), machine);
    expect(refusal).toMatchObject({ check: 'segment-hole', errno: 'EADDRNOTAVAIL' });
    expect(refusal.seen).toContain('no hole for initrd');
    const rules = trail.find(({ check }) => check === 'placement-rules');
    expect(rules).toMatchObject({ verdict: 'note', detail: expect.stringContaining('(before Linux 5.10)') });
  });

  it.each(['5.9.9', '5.10.0', '6.1.0', '6.12.117', '7.3.4', undefined])(
    '%s searches again above',
    (release) => {
      const { kimage } = loadOrFail(byFile(), runs(release, { memory: SPLIT_MEMORY }));
      expect(findSegment(kimage, 'kernel').mem).toBe(41n * GIB);
    },
  );

  it('is by Linux 6.12 with --rules 6.12, and by this program with kexec_load', () => {
    const machine = runs('5.4.0', { memory: SPLIT_MEMORY });
    const requests = [
      byFile({ rules: '6.12' }),
      bySegments(),
      bySegments({ call: undefined, window: { start: 0n, end: 64n * GIB } }),
    ];
    for (const request of requests)
      expect(findSegment(loadOrFail(request, machine).kimage, 'kernel').mem).toBe(41n * GIB);
    // Without a configuration, nothing says that the kernel lacks kexec_file_load.
    expect(expectRefusal(bySegments({ call: undefined }), machine).refusal.check).toBe('segment-hole');
    const without = { ...machine, kernel: { release: '5.4.0', config: { KEXEC: 'y' } } };
    expect(loadOrFail(bySegments({ call: undefined }), without).kimage.type).toBe('default');
  });

  it('is the same for every release where one search is enough', () => {
    const releases = fc.constantFrom(
      '5.0.0',
      '5.4.0',
      '5.9.8',
      '5.10.0',
      '5.13.0',
      '6.1.0',
      '6.12.117',
      undefined,
    );
    const sizes = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(releases, sizes, sizes, (release, megabytes, pages) => {
        const request = {
          ...byFile(),
          kernel: buildImage({ imageSize: BigInt(megabytes) * MIB }),
          initrd: new Uint8Array(pages * 4096),
        };
        const places = (machine: Arm64Machine) =>
          loadOrFail(request, machine).kimage.segments.map(({ name, mem }) => [name, mem]);
        expect(places(runs(release))).toEqual(places(runs('6.12.117')));
      }),
      { numRuns: 40 },
    );
  });
});

describe('the device tree', () => {
  const seeds = ['rng-seed', 'kaslr-seed'];
  const ours = ['linux,initrd-end', 'linux,initrd-start', 'bootargs'];

  it.each([
    ['5.0.0', ['kaslr-seed', ...ours]],
    ['5.3.18', ['kaslr-seed', ...ours]],
    ['5.4.0', [...seeds, ...ours]],
    ['5.12.19', [...seeds, ...ours]],
    ['5.13.0', ['linux,booted-from-kexec', ...seeds, 'bootargs', 'linux,initrd-end', 'linux,initrd-start']],
    ['6.12.117', ['linux,booted-from-kexec', ...seeds, 'bootargs', 'linux,initrd-end', 'linux,initrd-start']],
  ])('of %s has in /chosen, in this order: %j', (release, expected) => {
    const { kimage } = loadOrFail(byFile(), runs(release));
    const { names, fdt } = treeOf(kimage);
    expect(names).toEqual(expected);
    // Linux 5.13 and later reserve the initrd.
    expect(fdt.reservations).toHaveLength(names.includes('linux,booted-from-kexec') ? 1 : 0);
  });

  it('of a crash kernel has no reservations before 5.13', () => {
    const treeFor = (release: string) => {
      const machine = { ...buildCrashMachine(), kernel: { release } };
      return treeOf(loadOrFail({ ...byFile({ type: 'crash' }), initrd: undefined }, machine).kimage);
    };
    const [older, newer] = [treeFor('5.10.0'), treeFor('5.13.0')];
    expect(older.fdt.reservations).toEqual([]);
    expect(newer.fdt.reservations).toHaveLength(1);
    for (const name of ['linux,elfcorehdr', 'linux,usable-memory-range'])
      expect(getProperty(older.chosen, name)).toEqual(getProperty(newer.chosen, name));
  });

  it('needs a /chosen before 5.13: EINVAL, or EADDRNOTAVAIL after every place was tried', () => {
    const errno = (release: string): string => {
      const machine = withTree(release, (fdt) => deleteNode(fdt.root, 'chosen'));
      return expectRefusal(byFile(), machine).refusal.errno;
    };
    expect(errno('5.4.0')).toBe('EINVAL');
    expect(errno('5.10.0')).toBe('EADDRNOTAVAIL');
    const added = withTree('5.13.0', (fdt) => deleteNode(fdt.root, 'chosen'));
    expect(treeOf(loadOrFail(byFile(), added).kimage).names).toContain('bootargs');
  });

  it('keeps what an earlier crash left before 5.6, and a stale rng-seed before 5.4', () => {
    const stale = (release: string) =>
      withTree(release, (fdt, chosen) => {
        setProperty(fdt, chosen, 'linux,elfcorehdr', encodeU64(GIB));
        setProperty(fdt, chosen, 'rng-seed', encodeU64(42n));
      });
    const chosenFor = (release: string) => treeOf(loadOrFail(byFile(), stale(release)).kimage).chosen;
    expect(getProperty(chosenFor('5.5.0'), 'linux,elfcorehdr')).toEqual(encodeU64(GIB));
    expect(getProperty(chosenFor('5.6.0'), 'linux,elfcorehdr')).toBeUndefined();
    expect(getProperty(chosenFor('5.3.0'), 'rng-seed')).toEqual(encodeU64(42n));
    expect(getProperty(chosenFor('5.4.0'), 'rng-seed')).toEqual(countingRandom(128));
  });

  it('keeps the reservation of the old initrd before 5.13', () => {
    const old = { start: GIB + 512n * MIB, end: GIB + 513n * MIB };
    const machine = (release: string) =>
      withTree(release, (fdt, chosen) => {
        setProperty(fdt, chosen, 'linux,initrd-start', encodeU64(old.start));
        setProperty(fdt, chosen, 'linux,initrd-end', encodeU64(old.end));
        addReservation(fdt, old.start, old.end - old.start);
      });
    const request = { ...byFile(), initrd: undefined };
    const kept = (release: string) => treeOf(loadOrFail(request, machine(release)).kimage).fdt.reservations;
    expect(kept('5.12.0')).toHaveLength(1);
    expect(kept('5.13.0')).toHaveLength(0);
  });

  it('keeps the reservation of the old device tree before the update that finds it', () => {
    const build = (size: bigint) =>
      withTree('6.12.117', (fdt) => addReservation(fdt, GIB + 512n * MIB, size)).arm64.deviceTree;
    const deviceTree = build(BigInt(build(1n).length));
    const load = (release: string) => {
      const { kimage, trail } = loadOrFail(
        { ...byFile(), initrd: undefined },
        { ...runs(release), arm64: { deviceTree } },
      );
      const changes = trail
        .map(({ detail }) => detail)
        .filter((detail) => detail.includes('old device tree'));
      return { reserved: treeOf(kimage).fdt.reservations.length, changes };
    };
    for (const release of ['6.6.63', '6.12.1', '6.1.176', '5.13.0'])
      expect(load(release)).toEqual({
        reserved: 1,
        changes: [expect.stringMatching(/^reservation of .* stays: /)],
      });
    for (const release of ['6.6.64', '6.11.11', '6.12.2', '6.13.0'])
      expect(load(release)).toEqual({
        reserved: 0,
        changes: [expect.stringMatching(/^reservation of .* deleted$/)],
      });
  });

  it('is that of Linux 6.12 with kexec_load, and nothing is noted', () => {
    const { kimage, trail } = loadOrFail(bySegments(), runs('5.4.0'));
    expect(treeOf(kimage).names).toContain('linux,booted-from-kexec');
    expect(trail.some(({ check }) => check === 'placement-rules')).toBe(false);
  });
});
