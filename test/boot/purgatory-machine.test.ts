import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { assemble, linkWithLd } from '../support/binutils.js';
import { buildPurgatoryFile, type Region, runUntil } from '../support/purgatory.js';
import { parseWitness, readWitnessImage } from '../support/witness.js';

const PL011 = { serial_kind: 1, serial_base: 0x0900_0000n };
const VIRT = ['-M', 'virt', '-m', '512M', '-serial', 'stdio'];
const witness = { physicalAddress: 0x4040_0000n, bytes: readWitnessImage(), memorySize: 0x4000n };

function region(start: bigint): Region {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index >> 3);
  return { start, bytes, sha256: createHash('sha256').update(bytes).digest() };
}

describe('purgatory', () => {
  const ways = [
    { use_sha2: 1, how: "the CPU's instructions for it" },
    { use_sha2: 0, how: 'SIMD instructions' },
  ];

  it.each(['neoverse-n1', 'max,pauth-impdef=on'].flatMap((cpu) => ways.map((way) => ({ cpu, ...way }))))(
    'works at EL2 as a host with VHE leaves it, on $cpu with $how',
    async ({ cpu, use_sha2, how }) => {
      // HCR_EL2: E2H, TGE, RW.
      const prelude = `
        movz x0, #0x8000, lsl #16
        movk x0, #0x4, lsl #32
        mov  x1, #1 << 27
        orr  x0, x0, x1
        msr  hcr_el2, x0
        isb
        br   x30`;
      const regions = [region(0x4200_0000n)];
      const symbols = { ...PL011, use_sha2 };
      const run = { base: 0x4100_0000n, kernel: witness, regions, symbols, prelude };
      const console = await runUntil(
        buildPurgatoryFile(run),
        /witness: end/,
        ...['-cpu', cpu, ...VIRT, '-M', 'virtualization=on'],
      );
      expect(console).toContain(`purgatory at EL2: verifying by SHA-256, with ${how}`);
      expect(console).toContain('caches on\nkexec-file: 100000 bytes verified');
      const found = parseWitness(console);
      expect(found.get('el')).toBe('2');
      expect(BigInt(found.get('sctlr') ?? '') & 0b101n).toBe(0n);
    },
  );

  it.each(
    ways.flatMap((way) => [
      { ...way, el: 1, register: 'cpacr_el1', shift: 20, virtualization: 'off' },
      { ...way, el: 2, register: 'cptr_el2', shift: 10, virtualization: 'on' },
    ]),
  )(
    'allows SIMD registers only while it verifies with $how: $register',
    async ({ use_sha2, how, el, register, shift, virtualization }) => {
      // CPACR_EL1.FPEN 0 and CPTR_EL2.TFP 1 trap; the program prints the lower bit of either + '0'.
      const trap = el === 1 ? 0n : 1n << 10n;
      const set = `mrs x0, ${register}\nbic x0, x0, #${el === 1 ? 3 << 20 : 1 << 10}\norr x0, x0, x1\nmsr ${register}, x0`;
      const prelude = `mov x1, #${trap}\n${set}\nisb\nbr x30`;
      const read = `mrs x1, ${register}\nubfx x1, x1, #${shift}, #1\nadd w1, w1, #48`;
      const physicalAddress = 0x4040_0000n;
      const program = `mov x0, #0x09000000\n${read}\nstr w1, [x0]\nb .`;
      const bytes = linkWithLd(assemble(`.text\n${program}`), physicalAddress, ['.text']);
      const kernel = { physicalAddress, bytes, memorySize: BigInt(bytes.length) };
      const symbols = { ...PL011, use_sha2 };
      const run = { base: 0x4100_0000n, kernel, regions: [region(0x4200_0000n)], symbols, prelude };
      const console = await runUntil(
        buildPurgatoryFile(run),
        /; entering 0x40400000\n[01]/,
        ...['-cpu', 'cortex-a57', ...VIRT, '-M', `virtualization=${virtualization}`],
      );
      expect(console).toContain(`purgatory at EL${el}: verifying by SHA-256, with ${how}`);
      expect(console.at(-1)).toBe(el === 1 ? '0' : '1');
    },
  );

  it('continues without output if there is no UART', async () => {
    // Nothing answers at this address of the virt machine.
    const symbols = { serial_kind: 1, serial_base: 0x0b00_0000n };
    const run = { base: 0x4100_0000n, kernel: witness, regions: [region(0x4200_0000n)], symbols };
    const console = await runUntil(buildPurgatoryFile(run), /witness: end/, '-cpu', 'cortex-a57', ...VIRT);
    expect(console).toMatch(/^witness: begin\n/);
  });

  it.each([
    ['PL011', 1, '1'],
    ['SBSA generic UART', 3, '0'],
  ] as const)('enables the UART before it prints only of a %s', async (_, serial_kind, printed) => {
    // CR is 0 before, and the program prints the lowest byte of CR + '0': 0x31 for UARTEN and TXE.
    const prelude = 'mov x0, #0x09000000\nstr wzr, [x0, #0x30]\nbr x30';
    const program = 'mov x0, #0x09000000\nldr w1, [x0, #0x30]\nadd w1, w1, #48\nstr w1, [x0]\nb .';
    const physicalAddress = 0x4040_0000n;
    const bytes = linkWithLd(assemble(`.text\n${program}`), physicalAddress, ['.text']);
    const kernel = { physicalAddress, bytes, memorySize: BigInt(bytes.length) };
    const symbols = { ...PL011, serial_kind };
    const run = { base: 0x4100_0000n, kernel, regions: [region(0x4200_0000n)], symbols, prelude };
    const ended = /; entering 0x40400000\n[01]/;
    const console = await runUntil(buildPurgatoryFile(run), ended, '-cpu', 'cortex-a57', ...VIRT);
    expect(console.at(-1)).toBe(printed);
  });

  it.each([true, false])('reports memory that does not answer, and halts; caches: %s', async (caches) => {
    // Beyond the 512 MiB of RAM.
    const regions = [{ ...region(0x9_0000_0000n), bytes: new Uint8Array(64) }];
    const run = { base: 0x4100_0000n, kernel: witness, regions, symbols: PL011, caches };
    const file = buildPurgatoryFile(run);
    const console = await runUntil(file, /halted\n/, '-cpu', 'cortex-a57', ...VIRT);
    expect(console).toMatch(/kexec-file: exception, ESR 0x\w+, ELR 0x\w+, FAR 0x900000000\n/);
    expect(console).not.toContain('witness');
  });
});

describe('purgatory on a Raspberry Pi 3', () => {
  // QEMU starts it at EL3. Like firmware, this enters EL2: SCR_EL3 with HCE, RW, NS and the bits that are reserved as
  // 1.
  const prelude = `
    mov  x0, #0x5b1
    msr  scr_el3, x0
    mov  x0, #0x3c9
    msr  spsr_el3, x0
    mov  x0, #1 << 31
    msr  hcr_el2, x0
    msr  elr_el3, x30
    eret`;
  /** `b .`: QEMU is stopped when the console shows the expected text. */
  const endless = {
    physicalAddress: 0x40_0000n,
    bytes: new Uint8Array([0, 0, 0, 0x14]),
    memorySize: 4n,
  };

  it.each([
    { uart: 'PL011', serial: ['-serial', 'stdio'], symbols: { serial_kind: 1, serial_base: 0x3f20_1000n } },
    {
      uart: 'mini UART, by accesses of 16 bits',
      serial: ['-serial', 'null', '-serial', 'stdio'],
      symbols: { serial_kind: 2, serial_base: 0x3f21_5040n, serial_shift: 2, serial_width: 2 },
    },
    {
      uart: 'mini UART, an 8250',
      serial: ['-serial', 'null', '-serial', 'stdio'],
      symbols: { serial_kind: 2, serial_base: 0x3f21_5040n, serial_shift: 2, serial_width: 4 },
    },
  ])('speaks to its $uart', async ({ serial, symbols }) => {
    const run = { base: 0x200_0000n, kernel: endless, regions: [region(0x300_0000n)], symbols, prelude };
    const console = await runUntil(
      buildPurgatoryFile(run),
      /; entering 0x400000\n/,
      '-M',
      'raspi3b',
      ...serial,
    );
    // Only QEMU's Cortex-A53 of this board has the SHA-2 instructions.
    expect(console).toMatch(/^kexec-file: purgatory at EL2: verifying by SHA-256, .*, caches on\n/);
    expect(console).toContain('kexec-file: 100000 bytes verified');
  });
});
