import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { GIB, hex } from '../../src/base/u64.js';
import type { LoadRequest } from '../../src/kexec/request.js';
import { CPU_MODELS } from '../../src/machine/arm64/cpus.js';
import type { QemuOptions } from '../../src/machine/machine-facts.js';
import { bootInQemu } from '../../src/node/qemu/boot-qemu.js';
import { recordFromQemu } from '../../src/node/qemu/record-qemu.js';
import { countingRandom, findSegment, loadOrFail } from '../support/load.js';
import { BOOT_TIMEOUT, parseWitness, readWitnessImage } from '../support/witness.js';

const QEMU: QemuOptions = { machine: 'virt', cpu: 'cortex-a57', memory: '512M', cpus: 2 };
const commandLine = 'console=ttyAMA0 name="a=b"  two';
const initrd = Uint8Array.from({ length: 100_003 }, (_, index) => (index * index) >> 3);

/** Boots the witness on a machine of QEMU's. Returns its output, and what it should have found. */
async function bootWitness(options: Partial<QemuOptions>, contents: Pick<LoadRequest, 'initrd' | 'options'>) {
  const qemu = { ...QEMU, ...options };
  const machine = await recordFromQemu(qemu);
  const request = { kernel: readWitnessImage(), random: countingRandom, ...contents };
  const { kimage } = loadOrFail(request, machine);
  let console = '';
  const end = await bootInQemu(kimage, qemu, {
    timeout: 20,
    onConsole: (text) => {
      console += text;
    },
  });
  expect(end).toEqual({ poweredOff: true });
  return { witness: Object.fromEntries(parseWitness(console)), kimage };
}

describe('the witness, entered by our purgatory', { timeout: BOOT_TIMEOUT }, () => {
  it.each([
    { el: '1', machine: 'virt' },
    { el: '2', machine: 'virt,virtualization=on' },
  ])(
    'finds at EL$el what booting.rst asks for, and the very bytes of the kimage',
    async ({ el, machine }) => {
      const { witness, kimage } = await bootWitness({ machine }, { initrd, options: { commandLine } });
      const kernel = findSegment(kimage, 'kernel');
      const dtb = findSegment(kimage, 'dtb');
      const loadedInitrd = findSegment(kimage, 'initrd');
      expect(witness).toMatchObject({
        x0: hex(dtb.mem),
        x1: '0x0',
        x2: '0x0',
        x3: '0x0',
        el,
        daif: '0x3c0',
        pc: hex(kernel.mem),
        'image-crc32': hex(crc32(kernel.bytes)),
        'dtb-size': hex(dtb.bytes.length),
        'dtb-crc32': hex(crc32(dtb.bytes)),
        bootargs: commandLine,
        'initrd-start': hex(loadedInitrd.mem),
        'initrd-end': hex(loadedInitrd.mem + BigInt(initrd.length)),
        'initrd-crc32': hex(crc32(initrd)),
      });
      // Bits 0, 2 and 12 of SCTLR: MMU, data cache and instruction cache; the first two must be off.
      expect(BigInt(witness.sctlr ?? '') & 0b101n).toBe(0n);
    },
  );

  it.each(['virt', 'virt,virtualization=on'])(
    'finds no initrd on %s where there is none',
    async (machine) => {
      const { witness } = await bootWitness({ machine }, {});
      expect(witness).not.toHaveProperty('initrd-start');
      expect(witness).not.toHaveProperty('bootargs');
      expect(witness.x1).toBe('0x0');
    },
  );

  it('is entered beyond 4 GiB', async () => {
    const { witness, kimage } = await bootWitness({ memory: '6G' }, { initrd });
    expect(findSegment(kimage, 'dtb').mem).toBeGreaterThan(0x1_0000_0000n);
    expect(witness['dtb-crc32']).toBe(hex(crc32(findSegment(kimage, 'dtb').bytes)));
  });

  it.each([1n, 2n, 3n])('is entered wherever seed %i places it', async (seed) => {
    const options = { commandLine, randomize: seed };
    const { witness, kimage } = await bootWitness({ memory: '6G' }, { initrd, options });
    const [kernel, loadedInitrd] = [findSegment(kimage, 'kernel'), findSegment(kimage, 'initrd')];
    expect(kernel.mem).toBeGreaterThan(GIB + (2n << 20n));
    expect(witness).toMatchObject({
      pc: hex(kernel.mem),
      'image-crc32': hex(crc32(kernel.bytes)),
      'dtb-crc32': hex(crc32(findSegment(kimage, 'dtb').bytes)),
      'initrd-start': hex(loadedInitrd.mem),
      'initrd-crc32': hex(crc32(initrd)),
    });
  });

  it.each(CPU_MODELS.map(({ compatible, mmfr0 }) => ({ cpu: compatible.replace('arm,', ''), mmfr0 })))(
    'reads in $cpu the ID_AA64MMFR0_EL1 that the table of CPUs has',
    async ({ cpu, mmfr0 }) => {
      const { witness } = await bootWitness({ cpu, cpus: 1 }, {});
      expect(witness.mmfr0).toBe(hex(mmfr0));
    },
  );
});

describe('bootInQemu', { timeout: BOOT_TIMEOUT }, () => {
  it('reports what QEMU complains about', async () => {
    const { kimage } = loadOrFail({ kernel: readWitnessImage() }, await recordFromQemu(QEMU));
    await expect(bootInQemu(kimage, { ...QEMU, cpu: 'z80' })).rejects.toMatchObject({
      check: 'qemu-run',
      errno: 'EINVAL',
      seen: expect.stringContaining('z80'),
    });
  });
});
