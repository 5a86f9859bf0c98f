import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Kimage } from '../../src/kexec/kimage.js';
import type { SerialPort } from '../../src/machine/console.js';
import type { Region } from '../support/purgatory.js';
import { parseWitness } from '../support/witness.js';
import {
  BOOT_PARAMS,
  buildX86Kimage,
  digestByNode,
  onPages,
  region,
  runX86ToEnd,
  runX86Until,
  type X86Run,
} from '../support/x86-purgatory.js';

const REGIONS = onPages(0x400_0000n, [100_003, 4096, 1]);
const TOTAL = 104_100;

/** Every CPU of x86_64 has SSE2; QEMU's `max` has AVX2, and since 8.2 instructions for SHA-256. */
const WAYS = [
  { cpu: 'qemu64', parameters: {}, how: 'SSE2' },
  { cpu: 'max', parameters: { sha2: false, avx: false }, how: 'SSE2' },
  { cpu: 'max', parameters: { sha2: false }, how: 'AVX2' },
  { cpu: 'Haswell', parameters: {}, how: 'AVX2' },
  { cpu: 'max,la57=on', parameters: { sha2: false }, how: 'AVX2' },
] as const;

describe('purgatory for x86_64 verifies, and enters the kernel as boot.rst requires', () => {
  const matrix = WAYS.flatMap((way) => ['1', '4'].map((cpus) => ({ ...way, cpus })));

  it.each(matrix)('on $cpu with $cpus CPUs: $how', async ({ cpu, cpus, parameters, how }) => {
    const kimage = buildX86Kimage({ regions: REGIONS, parameters });
    const { console, code } = await runX86ToEnd(kimage, '-cpu', cpu, '-smp', cpus);
    expect(console).toContain(
      `kexec-file: purgatory: verifying by SHA-256, with ${how}\nkexec-file: ${TOTAL} bytes verified; entering 0x2000000\n`,
    );
    expect(code).toBe(0);
    const { rsp, cr3, rflags, ...witness } = Object.fromEntries(parseWitness(console));
    const zeros = Object.fromEntries(
      ['rax', 'rbx', 'rcx', 'rdx', 'rdi', 'rbp']
        .concat(Array.from({ length: 8 }, (_, index) => `r${index + 8}`))
        .map((name) => [name, '0x0']),
    );
    expect(witness).toEqual({
      ...zeros,
      rsi: `0x${BOOT_PARAMS.toString(16)}`,
      cs: '0x10',
      ds: '0x18',
      es: '0x18',
      ss: '0x18',
      cr0: '0x80000011',
      cr4: '0x20',
      'boot-code': '0xaf9b000000ffff',
      'boot-data': '0xcf93000000ffff',
      xcr0: cpu === 'qemu64' ? '0x0' : '0x1',
    });
    // IF and DF are clear; the stack is purgatory's, and the tables are the stub's.
    expect(BigInt(rflags ?? '') & 0x600n).toBe(0n);
    expect(BigInt(rsp ?? '')).toBeGreaterThan(0x300_0000n);
    expect(BigInt(cr3 ?? '') % 4096n).toBe(0n);
  });

  it('enters the kernel without output if there is nothing to verify', async () => {
    const console = await runX86Until(buildX86Kimage({ regions: [] }), /witness: end/);
    expect(console).toMatch(/^witness: begin\n/m);
    expect(console).not.toContain('kexec-file');
  });

  it.each(['qemu64', 'Haswell'])(
    'reads sixteen regions of lengths around the ends of blocks on %s',
    async (cpu) => {
      const lengths = [1, 55, 56, 63, 64, 65, 119, 120, 200, 511, 512, 513, 4095, 4097];
      const regions = onPages(0x400_0000n, lengths);
      // Two more of the same memory: a kimage has at most 16 segments, purgatory and the witness among them.
      const start = regions.at(-1)?.start ?? 0n;
      const absent = [region(start, 128), region(start, 1024)];
      const total = lengths.reduce((sum, length) => sum + length, 128 + 1024);
      await runX86Until(
        buildX86Kimage({ regions, absent }),
        new RegExp(`${total} bytes verified[^]*witness: end`),
        ...['-cpu', cpu],
      );
    },
  );

  it('reads regions side by side, at odd addresses, and next to itself', async () => {
    const regions = [
      region(0x2ff_f000n, 0x1000),
      ...[0, 1, 2].map((i) => region(0x400_0003n + BigInt(i * 777), 777)),
    ];
    const kimage = buildX86Kimage({ regions });
    await runX86Until(kimage, new RegExp(`${0x1000 + 3 * 777} bytes verified[^]*witness: end`));
  });
});

/** Flips a bit of a region's memory. */
function damage(kimage: Kimage, { start }: Region, offset: number, bit: number): Kimage {
  const segments = kimage.segments.map((segment) => {
    if (segment.mem !== start) return segment;
    const bytes = segment.bytes.slice();
    bytes[offset] = (bytes[offset] as number) ^ (1 << bit);
    return { ...segment, bytes };
  });
  return { ...kimage, segments };
}

describe('memory that is not what was loaded', () => {
  const damaged = (parameters: NonNullable<X86Run['parameters']>): Kimage =>
    damage(buildX86Kimage({ regions: REGIONS, parameters }), REGIONS[0] as Region, 77, 3);

  it('shows both digests', async () => {
    const console = await runX86Until(damaged({}), /kexec-file: halted\n/);
    const [{ bytes } = { bytes: new Uint8Array() }] = REGIONS;
    const changed = bytes.slice();
    changed[77] = (changed[77] as number) ^ 8;
    const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex');
    expect(console).toContain(
      `  expected ${hex(digestByNode(bytes))}\nkexec-file:   found    ${hex(digestByNode(changed))}\n`,
    );
  });

  it('is entered all the same, with a message, if that was chosen', async () => {
    const console = await runX86Until(damaged({ onMismatch: 'continue' }), /witness: end/);
    expect(console).toContain('kexec-file: entering it all the same, as asked\n');
  });

  it.each([
    { by: "the keyboard controller's line", args: [] },
    { by: 'port 0xcf9', args: ['-M', 'q35,i8042=off'] },
  ])('resets by $by', async ({ args }) => {
    const { console, code } = await runX86ToEnd(damaged({ onMismatch: 'reset' }), ...args);
    expect(console).toMatch(/kexec-file: resetting\n$/);
    expect(code).toBe(0);
  });

  it('resets by the reset register: a port', async () => {
    const resetRegister = { space: 'port', address: 0xf4n, value: 0x10 } as const;
    const exit = ['-device', 'isa-debug-exit,iobase=0xf4,iosize=1'];
    const { code } = await runX86ToEnd(damaged({ onMismatch: 'reset', resetRegister }), ...exit);
    expect(code).toBe(0x10 * 2 + 1);
  });

  it('resets by the reset register: PCI configuration space', async () => {
    // The interrupt line of the host bridge, which has no effect, so that the keyboard controller resets.
    const resetRegister = { space: 'pci', address: 0x3cn, value: 0x5a } as const;
    const trace = ['-trace', 'pci_cfg_write'];
    const { errors, code } = await runX86ToEnd(damaged({ onMismatch: 'reset', resetRegister }), ...trace);
    expect(errors).toMatch(/pci_cfg_write mch .*@0x3c <- 0x5a/);
    expect(code).toBe(0);
  });

  it('resets by the reset register: memory', async () => {
    const resetRegister = { space: 'memory', address: 0x1000_0123n, value: 0x5a } as const;
    await withRamFile(async (args, read) => {
      await runX86ToEnd(damaged({ onMismatch: 'reset', resetRegister }), ...args);
      expect(read(0x1000_0123, 1)).toEqual([0x5a]);
    });
  });

  it('is reported if it does not answer', async () => {
    const absent = [{ ...region(0x1800_0000n, 64) }];
    const kimage = buildX86Kimage({ regions: [], absent });
    const console = await runX86Until(kimage, /halted\n|witness/);
    expect(console).toMatch(/kexec-file: exception 14, error code 0x0, RIP 0x\w+, CR2 0x18000000\n/);
    expect(console).not.toContain('witness');
  });
});

/** Gives QEMU a file as RAM. @param work - gets the options, and a function that reads bytes of RAM from there */
async function withRamFile(
  work: (args: readonly string[], read: (address: number, length: number) => number[]) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'purgatory-ram-'));
  const path = join(folder, 'ram');
  const read = (address: number, length: number): number[] => {
    const file = openSync(path, 'r');
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, address);
    closeSync(file);
    return [...bytes];
  };
  try {
    await work(
      [
        '-object',
        `memory-backend-file,id=ram,size=512M,mem-path=${path},share=on`,
        '-M',
        'q35,memory-backend=ram',
      ],
      read,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** RAM that no segment uses, so that the stub does not map it. q35 has no UART in memory: this is one that stores. */
const UART = 0x1000_0000n;
const UART_READY = 0x60;

describe('the UART', () => {
  const ports = [
    { shift: 0, width: 1 },
    { shift: 1, width: 2 },
    { shift: 2, width: 4 },
    { shift: 2, width: 1 },
  ] as const;
  const withUart = (shift: number, width: SerialPort['width'], regions = REGIONS): Kimage =>
    buildX86Kimage({ regions, parameters: { serial: { kind: '8250', base: UART, shift, width } } });
  const status = (shift: number, width: number): string[] => [
    '-device',
    `loader,addr=${UART + (5n << BigInt(shift))},data=${UART_READY},data-len=${width}`,
  ];

  it.each(ports)(
    'in memory, by accesses of $width bytes, registers apart by $shift',
    async ({ shift, width }) => {
      await withRamFile(async (args, read) => {
        const kimage = withUart(shift, width);
        const { console } = await runX86ToEnd(kimage, '-cpu', 'max', ...args, ...status(shift, width));
        expect(console).toContain('witness: end');
        expect(console).not.toContain('kexec-file');
        // The last character, with zeros up to the width of the access.
        expect(read(Number(UART), 4)).toEqual([0x0a, 0, 0, 0]);
      });
    },
  );

  it('in memory, with page tables of five levels', async () => {
    await withRamFile(async (args, read) => {
      const { console } = await runX86ToEnd(withUart(0, 1), '-cpu', 'max,la57=on', ...args, ...status(0, 1));
      expect(console).toContain('witness: end');
      expect(read(Number(UART), 1)).toEqual([0x0a]);
    });
  });

  it('that is never ready delays the kernel, and does not stop it', async () => {
    await withRamFile(async (args, read) => {
      const { console } = await runX86ToEnd(withUart(0, 1), ...args);
      expect(console).toContain('witness: end');
      expect(read(Number(UART), 1)).toEqual([0]);
    });
  });

  it.each([
    ['in memory where nothing is', { kind: '8250', base: 0xfe00_0000n, shift: 0, width: 1 }],
    ['beyond what the CPU addresses', { kind: '8250', base: 1n << 60n, shift: 0, width: 1 }],
    ['at ports where nothing is', { kind: '8250-port', base: 0x2f8n, shift: 0, width: 1 }],
    ['none', undefined],
  ] as const)('%s: the kernel is entered', async (_, serial) => {
    const console = await runX86Until(
      buildX86Kimage({ regions: REGIONS, parameters: { serial } }),
      /witness: end/,
    );
    expect(console).not.toContain('kexec-file');
  });
});

describe('the state at entry', () => {
  it('may have x87 emulation and task switching flagged, and OSFXSR set', async () => {
    const prelude = 'mov $0x8000000d, %ebx\nmov %rbx, %cr0\nmov $0x220, %ebx\nmov %rbx, %cr4';
    const console = await runX86Until(buildX86Kimage({ regions: REGIONS, prelude }), /witness: end/);
    const { cr0, cr4 } = Object.fromEntries(parseWitness(console));
    expect(console).toContain('bytes verified');
    expect({ cr0: BigInt(cr0 ?? '') & ~0x10n, cr4 }).toEqual({ cr0: 0x8000_000dn, cr4: '0x220' });
  });
});
