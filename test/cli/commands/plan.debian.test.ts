import { spawnSync } from 'node:child_process';
import { linkSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hex } from '../../../src/base/u64.js';
import { PRESETS } from '../../../src/machine/presets/presets.js';
import { formatMachine } from '../../../src/machine/schema.js';
import { makeTemporaryFolder, runCli } from '../../support/cli.js';
import { corpus } from '../../support/corpus.js';
import { buildCrashMachine, CRASH_REGION } from '../../support/crash.js';
import { buildImage } from '../../support/image.js';
import { buildMachine, GIB } from '../../support/machine.js';

const WITNESS = 'test/witness/witness.Image';
const HEX = /^0x(0|[1-9a-f][0-9a-f]*)$/;

describe('kexec-file plan', () => {
  it.each(corpus.kernels())('gives the JSON of the design for $name', ({ path }) => {
    const folder = makeTemporaryFolder();
    const initrd = join(folder, 'initrd');
    writeFileSync(initrd, new Uint8Array(5000));
    const args = [
      'plan',
      path,
      '--initrd',
      initrd,
      '--command-line',
      'quiet',
      '--machine',
      'qemu-virt',
      '--json',
    ];
    const { status, stdout, stderr } = runCli(...args);
    expect(stderr).toBe('');
    expect(status).toBe(0);

    const plan = JSON.parse(stdout);
    expect(Object.keys(plan)).toEqual(['schema', 'version', 'type', 'entry', 'segments', 'trail']);
    expect(plan.type).toBe('default');
    expect(plan.entry).toMatch(HEX);
    expect(plan.segments.map((segment: { name: string }) => segment.name)).toEqual([
      'kernel',
      'initrd',
      'dtb',
      'purgatory',
    ]);
    for (const segment of plan.segments) {
      expect(Object.keys(segment)).toEqual(['name', 'mem', 'memsz', 'bufsz']);
      for (const field of ['mem', 'memsz', 'bufsz']) expect(segment[field]).toMatch(HEX);
    }
    expect(plan.segments[0].mem).toBe('0x40200000');
    expect(plan.segments[1].bufsz).toBe('0x1388');
    for (const entry of plan.trail) {
      expect(entry).toEqual({
        check: expect.any(String),
        verdict: expect.stringMatching(/^(ok|note)$/),
        detail: expect.any(String),
        ...(entry.verdict === 'note' && 'cure' in entry ? { cure: expect.any(String) } : {}),
      });
    }
  });

  it('prints checks and an aligned memory map, without colours unless on a terminal', () => {
    const { status, stdout } = runCli('plan', WITNESS);
    expect(status).toBe(0);
    expect(stdout).toContain('Physical memory of qemu-virt');
    expect(stdout).toMatch(/^> +0x40200000 +0x40203000 +12\.0 KiB +free +kernel/m);
    expect(stdout).not.toContain('\u001b');
  });

  it('refuses with exit code 1: in words, in JSON, and with every hole tried', () => {
    const folder = makeTemporaryFolder();
    const machine = join(folder, 'tiny.json');
    const tiny = buildMachine({ memory: [{ start: GIB, end: GIB + 4096n }] });
    writeFileSync(machine, formatMachine(tiny));
    const { status, stdout, stderr } = runCli('plan', WITNESS, '--machine', machine, '--json');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^refused: EADDRNOTAVAIL \(segment-hole\)\n {2}seen {2}no hole for kernel: 12 KiB \(0x3000\)/,
    );
    const { refusal, trail } = JSON.parse(stdout);
    expect(refusal).toEqual({ errno: 'EADDRNOTAVAIL', check: 'segment-hole', detail: expect.any(String) });
    expect(trail.at(-1)).toEqual({
      check: 'segment-hole',
      verdict: 'refused',
      errno: 'EADDRNOTAVAIL',
      detail: refusal.detail,
      cure: expect.stringContaining('load a smaller kernel'),
      holes: [{ start: '0x40000000', end: '0x40001000', why: 'too small' }],
    });

    const inWords = runCli('plan', WITNESS, '--machine', machine);
    expect(inWords.status).toBe(1);
    expect(inWords.stdout).toContain('0x40000000..0x40001000: too small');
  });

  it('places segments at random: in the same places only with the same seed', () => {
    const plan = (...seed: string[]) => {
      const { status, stdout } = runCli('plan', WITNESS, '--json', '--randomize', ...seed);
      expect(status).toBe(0);
      return JSON.parse(stdout) as { segments: object[]; trail: { entropyBits?: number }[] };
    };
    const { segments, trail } = plan('0x5eed');
    expect(plan('24301').segments).toEqual(segments);
    expect(plan('1').segments).not.toEqual(segments);
    expect(plan().segments).not.toEqual(plan().segments);
    const bits = trail.flatMap(({ entropyBits }) => entropyBits ?? []);
    expect(bits).toHaveLength(3);
    expect(Math.min(...bits)).toBeGreaterThan(9);
    expect(runCli('plan', WITNESS, '--randomize', 'x')).toMatchObject({ status: 2 });
  });

  it('plans a crash kernel for a machine with a crash region', () => {
    const machine = join(makeTemporaryFolder(), 'server.json');
    writeFileSync(machine, formatMachine(buildCrashMachine()));
    const { status, stdout, stderr } = runCli('plan', WITNESS, '--panic', '--machine', machine, '--json');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const { type, segments, trail } = JSON.parse(stdout);
    expect(type).toBe('crash');
    expect(segments.map(({ name, mem }: { name: string; mem: string }) => [name, mem])).toEqual([
      ['kernel', hex(CRASH_REGION.start)],
      ['elfcorehdr', hex(CRASH_REGION.end - 0x1_0000n)],
      ['dtb', hex(CRASH_REGION.end - 0x20_0000n)],
      ['purgatory', hex(CRASH_REGION.end - 0xf000n)],
    ]);
    expect(trail).toContainEqual(expect.objectContaining({ check: 'elfcorehdr', verdict: 'ok' }));
    const inWords = runCli('plan', WITNESS, '--panic', '--machine', machine);
    expect(inWords.status).toBe(0);
    expect(inWords.stdout).toMatch(/^> .*elfcorehdr/m);
  });

  it('refuses a crash kernel for a machine without a crash region or crash facts', () => {
    const preset = runCli('plan', WITNESS, '--panic', '--json');
    expect(preset.status).toBe(1);
    expect(preset.stderr).toContain('qemu-virt has no crash region');
    expect(JSON.parse(preset.stdout).refusal).toMatchObject({
      errno: 'EADDRNOTAVAIL',
      check: 'crash-region',
    });

    const { crash: _, ...unknown } = buildCrashMachine();
    const machine = join(makeTemporaryFolder(), 'server.json');
    writeFileSync(machine, formatMachine(unknown));
    const { status, stderr } = runCli('plan', WITNESS, '--panic', '--machine', machine);
    expect(status).toBe(1);
    expect(stderr).toContain('kexec-file machine record');
  });

  it('refuses a truncated kernel', () => {
    const kernel = join(makeTemporaryFolder(), 'vmlinuz');
    writeFileSync(kernel, readFileSync(corpus.cloudKernel()).subarray(0, 5_000_000));
    const { status, stdout } = runCli('plan', kernel, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout).refusal).toMatchObject({ errno: 'ELIBBAD', check: 'pe-section' });
  });

  it('writes an ELF file that readelf accepts without warnings', () => {
    const elf = join(makeTemporaryFolder(), 'kimage.elf');
    const plan = runCli('plan', WITNESS, '--elf', elf, '--json');
    expect(plan.status).toBe(0);
    const { stdout, stderr } = spawnSync('aarch64-linux-gnu-readelf', ['-hlW', elf], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout.match(/^ {2}LOAD/gm)).toHaveLength(3);
    expect(stdout).toMatch(new RegExp(`Entry point address: +${JSON.parse(plan.stdout).entry}\n`));
  });

  it('writes a picture of physical memory', () => {
    const svg = join(makeTemporaryFolder(), 'memory.svg');
    expect(runCli('plan', WITNESS, '--svg', svg).status).toBe(0);
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [\s\S]*purgatory[\s\S]*<\/svg>\s*$/);
  });

  it('never overwrites an input under any name, and leaves no files behind', () => {
    const folder = makeTemporaryFolder();
    const kernel = join(folder, 'Image');
    writeFileSync(kernel, buildImage());
    linkSync(kernel, join(folder, 'same'));
    for (const output of [kernel, `${folder}/./Image`, join(folder, 'same')]) {
      const { status, stderr } = runCli('plan', kernel, '--elf', output);
      expect(status).toBe(1);
      expect(stderr).toContain('EEXIST (file-access)');
    }
    expect(readFileSync(kernel)).toEqual(Buffer.from(buildImage()));
    expect(readdirSync(folder).sort()).toEqual(['Image', 'same']);
  });

  it('says why an output cannot be written, and leaves no files behind', () => {
    const folder = makeTemporaryFolder();
    const { status, stderr } = runCli('plan', WITNESS, '--elf', join(folder, 'nowhere/kimage.elf'));
    expect(status).toBe(1);
    expect(stderr).toContain('ENOENT (file-access)');
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['no kernel', ['plan']],
    ['an unknown option', ['plan', WITNESS, '--no-such-option']],
    ['rules that nobody has', ['plan', WITNESS, '--rules', 'v4']],
    ['an unknown command', ['plant']],
    ['no command', []],
  ])('exits with 2 for %s', (_, args) => {
    const { status, stdout, stderr } = runCli(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/error:|Usage:/);
  });

  it.each([
    ['a kernel', ['plan', '/no/such/kernel']],
    ['an initrd', ['plan', WITNESS, '--initrd', '/no/such/initrd']],
    ['a machine', ['plan', WITNESS, '--machine', 'no-such-machine']],
    ['a folder for a kernel', ['plan', 'test']],
  ])('exits with 1 for %s that cannot be read', (_, args) => {
    const { status, stderr } = runCli(...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(/\((file-access)\)/);
  });

  it('has help with examples', () => {
    const { status, stdout } = runCli('plan', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain(Object.keys(PRESETS)[0]);
  });
});
