import { describe, expect, it } from 'vitest';
import { getBytesRange } from '../../../src/kexec/kimage.js';
import type { LoadOptions } from '../../../src/kexec/load-options.js';
import type { LoadRequest } from '../../../src/kexec/request.js';
import type { DmCryptFacts } from '../../../src/machine/dm-crypt-keys.js';
import type { X86Machine } from '../../../src/machine/x86-64/x86-machine.js';
import { buildBzimage } from '../../support/bzimage.js';
import { expectRefusal, findSegment, loadOrFail } from '../../support/load.js';
import { buildX86Machine } from '../../support/x86-pc.js';

const KEYS: DmCryptFacts = { keys: [{ name: 'root', description: 'cryptsetup:root' }], reuse: false };

/** The crash region of the machine, and the end of the ELF core header's memory, exact to the byte. */
const REGION = { start: 0x5e00_0000n, end: 0x7e00_0000n };
const HEADER_END = 0x5e0e_00b0n;

const machineWith = (dmCryptKeys?: DmCryptFacts): X86Machine =>
  buildX86Machine(dmCryptKeys === undefined ? {} : { dmCryptKeys });

function requestOf(options: LoadOptions = {}, more: Partial<LoadRequest> = {}): LoadRequest {
  return {
    kernel: buildBzimage(),
    options: { type: 'crash', commandLine: 'nr_cpus=1', ...options },
    ...more,
  };
}

const placesOf = ({ kimage }: ReturnType<typeof loadOrFail>) =>
  kimage.segments.map(({ name, mem, memsz }) => [name, mem, memsz]);

/** The text behind the boot parameters, and the RAM in their memory map from 1 MiB on. */
function readBlock({ kimage }: ReturnType<typeof loadOrFail>) {
  const { bytes } = findSegment(kimage, 'boot-params');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries = Array.from({ length: bytes[0x1e8] ?? 0 }, (_, index) => {
    const [start, size] = [
      view.getBigUint64(0x2d0 + index * 20, true),
      view.getBigUint64(0x2d8 + index * 20, true),
    ];
    return { start, end: start + size, type: view.getUint32(0x2e0 + index * 20, true) };
  });
  return {
    text: Buffer.from(bytes.subarray(4096)).toString('latin1').replace(/\0.*$/s, ''),
    ram: entries.flatMap(({ start, end, type }) =>
      type === 1 && start >= 0x10_0000n ? [{ start, end }] : [],
    ),
    size: bytes.length,
  };
}

describe('a crash kernel for x86_64 on a machine with dm-crypt keys', () => {
  it('is given them in a segment behind the ELF core header, and its other segments lie where they lay', () => {
    const loaded = loadOrFail(requestOf(), machineWith(KEYS));
    const places = placesOf(loaded);
    expect(places.slice(0, 2)).toEqual([
      ['elfcorehdr', REGION.start, 0xe_1000n],
      ['dmcryptkeys', 0x5e0e_1000n, 0x1000n],
    ]);
    const [header, , ...others] = places;
    expect([header, ...others]).toEqual(placesOf(loadOrFail(requestOf(), machineWith())));
    expect(loaded.trail.filter(({ check }) => check === 'dm-crypt-keys')).toEqual([
      expect.objectContaining({ verdict: 'note', detail: expect.stringContaining('at random') }),
    ]);
  });

  it('has their address on its command line, and room for it', () => {
    const { text, size } = readBlock(loadOrFail(requestOf(), machineWith(KEYS)));
    expect(text).toBe('elfcorehdr=0x5e000000 dmcryptkeys=0x5e0e1000 nr_cpus=1');
    // 4096 of boot_params; 10 of the text, 30 and 31 in front of it, rounded up to 16; 16 + 96 for EFI, 16 + 32 for the seed.
    expect(size).toBe(4096 + 80 + 112 + 48);
    expect(readBlock(loadOrFail(requestOf(), machineWith())).size).toBe(4096 + 48 + 112 + 48);
  });

  it('does not have their memory in its map, wherever the kernel put them', () => {
    const loaded = loadOrFail(requestOf({}, { dmCryptKeysAddress: 0x6000_0000n }), machineWith(KEYS));
    const keys = getBytesRange(findSegment(loaded.kimage, 'dmcryptkeys'));
    expect(keys).toEqual({ start: 0x6000_0000n, end: 0x6000_0000n + 4n + 388n });
    expect(readBlock(loaded).ram).toEqual([
      { start: HEADER_END, end: keys.start },
      { start: keys.end, end: REGION.end },
    ]);
  });

  it('is refused for a command line that leaves no room for their address', () => {
    const longest = (length: number): LoadRequest => requestOf({ commandLine: 'x'.repeat(length) });
    expect(readBlock(loadOrFail(longest(1985), machineWith(KEYS))).text).toHaveLength(1985 + 45);
    const { refusal } = expectRefusal(longest(1986), machineWith(KEYS));
    expect(refusal).toMatchObject({ check: 'bzimage-command-line', errno: 'EINVAL' });
    expect(refusal.cure).toBe('shorten it to at most 1985 bytes');
    expect(readBlock(loadOrFail(longest(2016), machineWith())).text).toHaveLength(2016 + 22);
  });

  it('is refused for a key without a description', () => {
    const keys = machineWith({ keys: [{ name: 'root' }], reuse: false });
    expect(expectRefusal(requestOf(), keys).refusal).toMatchObject({
      check: 'dm-crypt-keys',
      errno: 'EINVAL',
    });
  });

  it.each<[string, LoadOptions]>([
    ['a kernel that replaces the running one', { type: 'default' }],
    ['kexec_load', { call: 'segments' }],
    ['the rules of 6.12', { rules: '6.12' }],
  ])('gives none to %s', (_, options) => {
    const loaded = loadOrFail(requestOf(options), machineWith(KEYS));
    expect(placesOf(loaded).map(([name]) => name)).not.toContain('dmcryptkeys');
    expect(readBlock(loaded).text).not.toContain('dmcryptkeys');
  });
});
