/** Loads by kexec_load(2), which has no purgatory of the kernel: ours verifies and hands over. */
import { describe, expect, it } from 'vitest';
import { encodeU32le, encodeU64le } from '../../../src/base/bytes.js';
import { kexecFileLoad } from '../../../src/kexec/file-load.js';
import type { PurgatoryOptions } from '../../../src/kexec/hand-over-options.js';
import type { Segment } from '../../../src/kexec/kimage.js';
import type { LoadOptions } from '../../../src/kexec/load-options.js';
import { encodeRegions } from '../../../src/kexec/purgatory/regions.js';
import { loadOwnPurgatory } from '../../../src/kexec/x86-64/purgatory/load-purgatory.js';
import { digestRegion } from '../../../src/kexec/x86-64/purgatory/region-digest.js';
import { portableHashes } from '../../../src/trust/portable-hashes.js';
import { buildBzimage } from '../../support/bzimage.js';
import { buildX86Machine } from '../../support/x86-pc.js';

const KERNEL = buildBzimage();
const INITRD = new Uint8Array(5000).fill(0x5a);
const { purgatory: _, ...FACTS } = buildX86Machine().x86;

function load(purgatory: PurgatoryOptions = {}, options: LoadOptions = {}) {
  const machine = { ...buildX86Machine(), x86: FACTS };
  const result = kexecFileLoad(
    { kernel: KERNEL, initrd: INITRD, options: { ...options, call: 'segments', purgatory } },
    machine,
  );
  if ('refusal' in result) throw result.refusal;
  const { kimage, trail } = result;
  const find = (name: Segment['name']): Segment => {
    const found = kimage.segments.find((segment) => segment.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  return { kimage, trail, find };
}

/** The bytes of a symbol of purgatory in its segment. */
function readSymbol(segment: Segment, name: string): Uint8Array {
  const { offset, size } = findSymbol(name);
  return segment.bytes.subarray(offset, offset + size);
}

/** Where the loader writes a symbol: found by writing it. */
function findSymbol(name: string): { offset: number; size: number } {
  const purgatory = loadOwnPurgatory();
  const { length: size } = purgatory.getSymbol(name);
  const before = purgatory.link(0x10_0000n).bytes;
  purgatory.setSymbol(name, new Uint8Array(size).fill(0xff));
  const after = purgatory.link(0x10_0000n).bytes;
  return { offset: after.findIndex((byte, index) => byte !== before[index]), size };
}

describe('a load by kexec_load', () => {
  it("needs nothing of the running kernel's purgatory, and enters ours", () => {
    const { kimage, find } = load();
    const purgatory = find('purgatory');
    expect(kimage.segments.map(({ name }) => name)).toEqual(['purgatory', 'boot-params', 'kernel', 'initrd']);
    expect(kimage.entry).toBe(purgatory.mem);
    expect(readSymbol(purgatory, 'kernel_entry')).toEqual(encodeU64le(find('kernel').mem + 0x200n));
    expect(readSymbol(purgatory, 'boot_params_addr')).toEqual(encodeU64le(find('boot-params').mem));
  });

  it('verifies all segments but purgatory, with their final bytes', () => {
    const { kimage, find } = load();
    const verified = kimage.segments.filter(({ name }) => name !== 'purgatory');
    const purgatory = find('purgatory');
    expect(readSymbol(purgatory, 'purgatory_sha_regions')).toEqual(encodeRegions(verified));
    const digests = readSymbol(purgatory, 'purgatory_region_digests');
    for (const [index, segment] of verified.entries()) {
      expect(digests.subarray(index * 32, index * 32 + 32)).toEqual(digestRegion(segment, portableHashes));
    }
    const names = new TextDecoder().decode(readSymbol(purgatory, 'purgatory_region_names'));
    expect(names.split(/\0+/)).toEqual(['boot-params', 'kernel', 'initrd', '']);
  });

  it('verifies the header of a crash kernel, too, and halts on a mismatch', () => {
    const { find } = load({}, { type: 'crash' });
    const names = new TextDecoder().decode(readSymbol(find('purgatory'), 'purgatory_region_names'));
    expect(names.split(/\0+/)).toEqual(['elfcorehdr', 'boot-params', 'kernel', 'initrd', '']);
    expect(readSymbol(find('purgatory'), 'on_mismatch')).toEqual(encodeU32le(0));
  });

  it('verifies nothing with --no-checks', () => {
    const { trail, find } = load({ checks: false });
    expect(readSymbol(find('purgatory'), 'purgatory_sha_regions')).toEqual(encodeRegions([]));
    expect(trail.filter(({ check }) => check === 'purgatory-regions').map(({ verdict }) => verdict)).toEqual([
      'note',
    ]);
  });

  it.each([
    ['console=ttyS0', 0x3f8n],
    ['console=tty0 console=ttyS1,115200n8', 0x2f8n],
    ['console=ttyS3 console=tty0', 0x2e8n],
  ])('prints to the serial port of %s', (commandLine, port) => {
    const purgatory = load({}, { commandLine }).find('purgatory');
    expect(readSymbol(purgatory, 'serial_kind')).toEqual(encodeU32le(4));
    expect(readSymbol(purgatory, 'serial_base')).toEqual(encodeU64le(port));
  });

  it.each<[string, PurgatoryOptions]>([
    ['console=ttyS0', { serial: 'none' }],
    ['console=ttyS4 console=ttyAMA0 console=hvc0', {}],
    ['', {}],
  ])('is silent with %s and %o', (commandLine, options) => {
    const { trail, find } = load(options, { commandLine });
    expect(readSymbol(find('purgatory'), 'serial_kind')).toEqual(encodeU32le(0));
    expect(trail.some(({ check, verdict }) => check === 'purgatory-serial' && verdict === 'note')).toBe(true);
  });

  it('prints to the 8250 of --serial, and refuses a PL011', () => {
    const serial = { kind: '8250', base: 0xfed0_0000n, shift: 2, width: 4 } as const;
    const purgatory = load({ serial }, { commandLine: 'console=ttyS0' }).find('purgatory');
    expect(readSymbol(purgatory, 'serial_kind')).toEqual(encodeU32le(2));
    expect(readSymbol(purgatory, 'serial_base')).toEqual(encodeU64le(0xfed0_0000n));
    expect(() => load({ serial: { kind: 'pl011', base: 0x900_0000n, shift: 0, width: 4 } })).toThrow(
      expect.objectContaining({ check: 'purgatory-serial', errno: 'EINVAL' }),
    );
  });

  it.each([
    ['halt', 0],
    ['reset', 1],
    ['continue', 3],
    [undefined, 1],
  ] as const)('does on a mismatch what was chosen: %s', (onMismatch, code) => {
    const purgatory = load({ onMismatch }).find('purgatory');
    expect(readSymbol(purgatory, 'on_mismatch')).toEqual(encodeU32le(code));
  });
});
