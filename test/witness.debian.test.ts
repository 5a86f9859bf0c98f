import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../src/base/u64.js';
import { BOOT_TIMEOUT, parseWitness, readWitnessImage, runVirt, WITNESS_FILE } from './support/witness.js';

/** Where QEMU puts a kernel with text_offset 0: above its own few instructions, on the next 2 MiB. */
const QEMU_KERNEL = 0x4020_0000n;
describe('the witness in QEMU', { timeout: BOOT_TIMEOUT }, () => {
  // Neither begins nor ends where its memory is aligned to 8, so that every loop of the CRC runs.
  const initrd = Uint8Array.from({ length: 100_003 }, (_, index) => (index * index) >> 3);
  const folder = mkdtempSync(join(tmpdir(), 'witness-'));
  const initrdFile = join(folder, 'initrd');
  const dtbFile = join(folder, 'virt.dtb');

  beforeAll(() => writeFileSync(initrdFile, initrd));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    { el: '1', machine: 'virt' },
    { el: '2', machine: 'virt,virtualization=on' },
  ])('reports at EL$el how it was handed over', async ({ el, machine }) => {
    const commandLine = 'console=ttyAMA0 quiet  name="a=b"';
    const witness = parseWitness(
      await runVirt(
        ...[
          '-M',
          machine,
          '-m',
          '512M',
          '-kernel',
          WITNESS_FILE,
          '-initrd',
          initrdFile,
          '-append',
          commandLine,
        ],
      ),
    );
    expect(Object.fromEntries(witness)).toMatchObject({
      x1: '0x0',
      x2: '0x0',
      x3: '0x0',
      el,
      daif: '0x3c0',
      pc: hex(QEMU_KERNEL),
      mmfr0: '0x1124',
      'image-crc32': hex(crc32(readWitnessImage())),
      'dtb-magic': '0xd00dfeed',
      'initrd-crc32': hex(crc32(initrd)),
      bootargs: commandLine,
    });
    expect(BigInt(witness.get('sctlr') ?? '') & 1n).toBe(0n);
    const [start, end] = ['initrd-start', 'initrd-end'].map((key) => BigInt(witness.get(key) ?? ''));
    expect(end).toBe((start ?? 0n) + BigInt(initrd.length));
  });

  it('reports that there is no initrd', async () => {
    const witness = parseWitness(await runVirt('-M', 'virt', '-m', '512M', '-kernel', WITNESS_FILE));
    expect(witness.get('dtb-magic')).toBe('0xd00dfeed');
    expect([...witness.keys()]).not.toEqual(expect.arrayContaining([expect.stringContaining('initrd')]));
  });

  it('computes the CRC-32 of the device tree as zlib does', async () => {
    // Random seeds off: the tree that is written is the tree that is booted.
    const machine = ['-M', 'virt,dtb-randomness=off', '-m', '512M', '-kernel', WITNESS_FILE];
    await runVirt('-M', `virt,dtb-randomness=off,dumpdtb=${dtbFile}`, ...machine.slice(2));
    const dtb = readFileSync(dtbFile);
    const witness = parseWitness(await runVirt(...machine));
    expect(witness.get('dtb-size')).toBe(hex(dtb.length));
    expect(witness.get('dtb-crc32')).toBe(hex(crc32(dtb)));
  });

  it('reports that there is no device tree, and ends', async () => {
    // Nothing but a loader: the CPU starts with x0 = 0.
    const witness = parseWitness(
      await runVirt(
        '-M',
        'virt',
        '-m',
        '512M',
        '-device',
        `loader,file=${WITNESS_FILE},addr=0x48000000,cpu-num=0`,
      ),
    );
    expect(witness.get('x0')).toBe('0x0');
    expect(witness.get('pc')).toBe('0x48000000');
    expect(witness.get('dtb')).toBe('none');
  });
});
