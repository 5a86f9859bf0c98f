/** One bit changed at the first, the last and 200 random places of each segment: purgatory refuses every one of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runFileUntil } from '../support/purgatory.js';
import { buildX86Kimage, digestByNode, onPages } from '../support/x86-purgatory.js';
import { buildTamperingRom } from './tampering-rom.js';

const REGIONS = onPages(0x400_0000n, [100_003, 0x10e0, 1]);

/** The number of random places in each region, and the seed that they come from. */
const RANDOM_PLACES = 200;
const SEED = 18;

/** QEMU's CPUs, and how purgatory verifies there. */
const WAYS = [
  { cpu: 'qemu64', how: 'SSE2' },
  { cpu: 'Haswell', how: 'AVX2' },
] as const;

interface Offset {
  readonly offset: number;
  readonly bit: number;
}

function choosePlaces(length: number): Offset[] {
  const place = fc.record({ offset: fc.nat(length - 1), bit: fc.nat(7) });
  return [
    { offset: 0, bit: 7 },
    { offset: length - 1, bit: 0 },
    ...fc.sample(place, { numRuns: RANDOM_PLACES, seed: SEED }),
  ];
}

/** The digest of a region with a bit changed. */
function digestChanged(bytes: Uint8Array, { offset, bit }: Offset): string {
  const changed = bytes.slice();
  changed[offset] = (changed[offset] as number) ^ (1 << bit);
  return Buffer.from(digestByNode(changed)).toString('hex');
}

describe.each(WAYS)('on $cpu, by $how', ({ cpu, how }) => {
  it.each(REGIONS.map((region, index) => ({ index, ...region })))(
    `the machine resets for each of ${RANDOM_PLACES + 2} changed bits of region $index, and starts the kernel without any`,
    async ({ index, start, bytes }) => {
      const places = choosePlaces(bytes.length);
      const kimage = buildX86Kimage({ regions: REGIONS, parameters: { onMismatch: 'reset' } });
      const rom = buildTamperingRom(
        kimage,
        places.map(({ offset, bit }) => ({ address: start + BigInt(offset), bit })),
      );
      const console = await runFileUntil(rom, /witness: end/, (path) => [
        'qemu-system-x86_64',
        ...['-M', 'q35', '-cpu', cpu, '-m', '512M', '-nodefaults', '-serial', 'stdio'],
        ...['-action', 'reboot=reset', '-bios', path],
      ]);
      const report = new RegExp(
        `with ${how}\nkexec-file: region${index} at 0x${start.toString(16)}, ${bytes.length} bytes, is not what was loaded\n` +
          'kexec-file: {3}expected \\w{64}\nkexec-file: {3}found {4}(\\w{64})\nkexec-file: resetting\n',
        'g',
      );
      const found = Array.from(console.matchAll(report), ([, digest]) => digest);
      expect(found).toEqual(places.map((place) => digestChanged(bytes, place)));
      expect(console.match(/kexec-file: resetting\n/g)).toHaveLength(places.length);
      expect(console.match(/bytes verified; entering 0x2000000\nwitness: begin\n/g)).toHaveLength(1);
    },
  );
});
