/** Boots Debian's kernel for x86_64 by our purgatory, on the machine of the preset qemu-q35. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { concatenate } from '../../src/base/bytes.js';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import type { Kimage } from '../../src/kexec/kimage.js';
import { buildKimageElf } from '../../src/kexec/kimage-elf.js';
import { tamper } from '../../src/kexec/tamper.js';
import { PRESETS } from '../../src/machine/presets/presets.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { bootInQemu } from '../../src/node/qemu/boot-qemu.js';
import { corpus } from '../support/corpus.js';
import { runFile } from '../support/purgatory.js';

const MACHINE = PRESETS['qemu-q35']();
const INITRD = Uint8Array.from({ length: 100_003 }, (_, index) => (index * index) >> 3);

function plan(): Kimage {
  const kernel = new Uint8Array(readFileSync(corpus.x86CloudKernel()));
  const options = { call: 'segments', commandLine: 'console=ttyS0 panic=-1' } as const;
  const result = kexecFileLoad({ kernel, initrd: INITRD, options, hashes: nodeHashes }, MACHINE);
  if ('refusal' in result) throw result.refusal;
  return result.kimage;
}

async function boot(kimage: Kimage) {
  if (MACHINE.qemu === undefined) throw new Error('the preset has no options for QEMU');
  let console = '';
  const end = await bootInQemu(kimage, MACHINE.qemu, {
    machine: MACHINE,
    timeout: 120,
    onConsole: (text) => {
      console += text;
    },
  });
  return { console: console.replaceAll('\r', ''), end };
}

describe("Debian's kernel for x86_64", () => {
  it('is verified and entered, with its command line and memory map', { timeout: 150_000 }, async () => {
    const kimage = plan();
    const { console, end } = await boot(kimage);
    const bytes = kimage.segments
      .filter(({ name }) => name !== 'purgatory')
      .reduce((sum, { memsz }) => sum + memsz, 0n);
    expect(console).toContain('kexec-file: purgatory: verifying by SHA-256, with SSE2\n');
    expect(console).toMatch(new RegExp(`\nkexec-file: ${bytes} bytes verified; entering 0x\\w+\n`));
    expect(console).toContain('Command line: console=ttyS0 panic=-1\n');
    expect(console).toContain('BIOS-e820: [mem 0x0000000000100000-0x000000007ffdefff] usable\n');
    // The initrd is none: the kernel has no root file system, and resets.
    expect(console).toContain('Kernel panic');
    expect(end).toEqual({ poweredOff: false, reset: true });
  });

  it.each(['kernel', 'initrd', 'boot-params'] as const)(
    'is not entered if %s is damaged',
    async (segment) => {
      const { console, end } = await boot(tamper(plan(), { segment, offset: 77, bit: 5 }));
      expect(console).toMatch(
        new RegExp(`\nkexec-file: ${segment} at 0x\\w+, \\d+ bytes, is not what was loaded\n`),
      );
      expect(console).toMatch(/\nkexec-file: resetting\n/);
      expect(console).not.toContain('Linux version');
      expect(end).toEqual({ poweredOff: false, reset: true });
    },
  );

  it("resets the machine by the register of the board's FADT if a segment is damaged", async () => {
    const kimage = tamper(plan(), { segment: 'boot-params', offset: 77, bit: 5 });
    const file = concatenate(buildKimageElf(kimage, MACHINE));
    const { console, errors, code } = await runFile(file, (path) => [
      'qemu-system-x86_64',
      ...['-M', 'q35', '-m', '2G', '-vga', 'none', '-serial', 'stdio'],
      ...['-trace', 'memory_region_ops_write', '-kernel', path],
    ]);
    expect(console).toMatch(/\nkexec-file: resetting\n$/);
    const writes = [...errors.matchAll(/ addr (0x\w+) value (0x\w+) size 1 name '([^']+)'/g)];
    // QEMU ends (-no-reboot) at the write of RESET_VALUE: neither the keyboard controller nor RESET_CPU is tried.
    expect(writes.at(-1)?.slice(1)).toEqual(['0xcf9', '0xf', 'lpc-reset-control']);
    expect(code).toBe(0);
  });
});
