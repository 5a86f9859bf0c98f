import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attempt, KexecError } from '../../../src/base/error.js';
import { kexecFileLoad } from '../../../src/kexec/file-load.js';
import { recordFiles } from '../../../src/machine/collect/record-files.js';
import { MAX_FILE_BYTES, SOURCES } from '../../../src/machine/collect/sources.js';
import { formatMachine, parseMachine } from '../../../src/machine/schema.js';
import { buildBoard } from '../../support/board.js';
import { buildImage } from '../../support/image.js';
import { GIB } from '../../support/machine.js';
import { buildMachineFiles, VMCOREINFO } from '../../support/machine-root.js';
import { readX86Files } from '../../support/x86-machine.js';

const ROOT = buildMachineFiles();
const IMAGE = buildImage();

/** The texts of a real machine's files, by their collected names. */
const TEXTS: Readonly<Record<string, string>> = {
  iomem: String(ROOT['/proc/iomem']),
  cmdline: String(ROOT['/proc/cmdline']),
  cpuinfo: String(ROOT['/proc/cpuinfo']),
  meminfo: String(ROOT['/proc/meminfo']),
  'memblock-memory': String(ROOT['/sys/kernel/debug/memblock/memory']),
  'memblock-reserved': String(ROOT['/sys/kernel/debug/memblock/reserved']),
  'vmcoreinfo-note': String(ROOT['/sys/kernel/vmcoreinfo']),
  'crash-notes': 'cpu0 bff05000 424\ncpu1 bff15000 424\n',
  kallsyms: 'ffffd00aa2c00000 T _text\nffffd00aa4d10000 B _end\n',
  'cpu-possible': '0-1\n',
  vmcoreinfo: VMCOREINFO,
  makedumpfile: 'path /usr/bin/makedumpfile\nfile /usr/bin/makedumpfile\nversion 1.7.6\n',
  'kdump-units': '/etc/systemd/system/basic.target.wants/kdump-tools.service\n',
  'kdump-tools': 'USE_KDUMP=1\nMAKEDUMP_ARGS="-c -d 31"\n',
  'kdump-conf': 'path /var/crash\nnfs server:/export\n',
  unknown: 'config\tnot found\n',
};

/** A text as it is, doubled, shuffled, cut, with a part of another, or any other text. */
function spoil(text: string): fc.Arbitrary<string> {
  const lines = text.split('\n').filter((line) => line !== '');
  const line = fc.constantFrom(...lines);
  const digits = fc
    .tuple(line, fc.nat(80), fc.constantFrom(...'0123456789abcdefxX -:\0"\\\u00ff\n'))
    .map(([whole, at, character]) => whole.slice(0, at) + character + whole.slice(at + 1));
  const joined = fc.array(fc.oneof(line, line, digits), { maxLength: 8 }).map((all) => `${all.join('\n')}\n`);
  const spoiled = fc.oneof(joined, joined, fc.string(), fc.constant(`${text}__proto__=1\n`));
  return fc.oneof({ weight: 9, arbitrary: fc.constant(text) }, { weight: 1, arbitrary: spoiled });
}

describe('collected files', () => {
  it('are refused, or give a machine whose file is read as that machine', () => {
    const names = SOURCES.filter(({ form }) => form === 'text').map(({ name }) => name as string);
    const files = fc.record(Object.fromEntries(names.map((name) => [name, spoil(TEXTS[name] ?? '1\n')])), {
      requiredKeys: [],
    });
    let recorded = 0;
    fc.assert(
      fc.property(files, fc.boolean(), (texts, hasNodes) => {
        const fdt = buildBoard({ nodes: hasNodes ? [{ reg: [[GIB, GIB]] }] : [] });
        const encoder = new TextEncoder();
        const collected = new Map<string, Uint8Array>([['fdt', fdt]]);
        for (const [name, text] of Object.entries(texts)) collected.set(name, encoder.encode(text as string));
        const machine = attempt(() => recordFiles('m', collected));
        if (machine instanceof KexecError) return;
        recorded += 1;
        const again = parseMachine(formatMachine(machine));
        expect(again).toEqual(machine);
        // What record can write, preflight can plan on.
        kexecFileLoad({ kernel: IMAGE, options: {} }, again);
      }),
      { numRuns: 150 },
    );
    expect(recorded).toBeGreaterThan(30);
  });

  it('are read of a machine with 8192 CPUs, whose cpuinfo alone is as long', () => {
    const { cpuinfo = '', ...others } = readX86Files('x86-64-seabios');
    const [cpu = ''] = cpuinfo.split('\n\n');
    const files = (text: string): Map<string, Uint8Array> =>
      new Map(
        Object.entries({ ...others, cpuinfo: text }).map(([name, body = '']) => [name, Buffer.from(body)]),
      );
    const longest = `${cpu.padEnd(3 * 1024 - 2)}\n\n`.repeat(8192);
    expect(recordFiles('m', files(longest))).toMatchObject({ x86: { gigabytePages: false } });
    expect(attempt(() => recordFiles('m', files(`${longest}.`)))).toMatchObject({
      check: 'machine-archive',
      errno: 'EFBIG',
    });
    const config = `${others.config}${'#'.repeat(2 << 20)}`;
    expect(attempt(() => recordFiles('m', files(cpuinfo).set('config', Buffer.from(config))))).toMatchObject({
      check: 'machine-archive',
      errno: 'EFBIG',
    });
  });

  it.each<[string, string, (count: number) => string, number]>([
    [
      'memory',
      'memblock-memory',
      (at) => `${at}: 0x${(at * 2).toString(16)}000..0x${(at * 2).toString(16)}fff 0 NONE\n`,
      1,
    ],
    [
      'reservations',
      'memblock-reserved',
      (at) => `${at}: 0x${(at * 2).toString(16)}000..0x${(at * 2).toString(16)}fff 0 NONE\n`,
      1,
    ],
    ['notes', 'crash-notes', (at) => `cpu${at % 10} ${(4096 + at).toString(16)} 1\n`, 1],
    ['unknown facts', 'unknown', () => 'a\tb\n', 1],
    [
      'resources',
      'iomem',
      (at) => `${(at * 2).toString(16)}000-${(at * 2).toString(16)}fff : System RAM\n`,
      1,
    ],
    ['values of VMCOREINFO', 'vmcoreinfo', (at) => `A${at}=1\n`, 1],
  ])('are refused or read again with as many %s as a text can have', (_, name, build) => {
    let text = '';
    for (let at = 0; text.length < 2_000_000; at += 1) text += build(at);
    const files = new Map(
      Object.entries({ ...TEXTS, [name]: text }).map(([key, value]) => [key, encode(value)]),
    );
    files.set('fdt', buildBoard({ nodes: [] }));
    const machine = attempt(() => recordFiles('m', files));
    if (machine instanceof KexecError) {
      expect(machine.check).toMatch(/^machine-(schema|text)$/);
      return;
    }
    const file = formatMachine(machine);
    expect(file.length).toBeLessThan(MAX_FILE_BYTES);
    expect(parseMachine(file).memory).toEqual(machine.memory);
  });

  it('are refused with a device tree that no machine file can have', () => {
    const fdt = new Uint8Array(9 << 20);
    fdt.set(buildBoard({ nodes: [{ reg: [[GIB, GIB]] }] }));
    expect(() => recordFiles('m', new Map([['fdt', fdt]]))).toThrow(
      expect.objectContaining({ check: 'machine-schema', errno: 'EINVAL' }),
    );
  });

  it('have names that the table of sources has', () => {
    const known: readonly string[] = [...SOURCES.map(({ name }) => name), 'unknown'];
    expect(Object.keys(TEXTS).filter((name) => !known.includes(name))).toEqual([]);
  });
});

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
