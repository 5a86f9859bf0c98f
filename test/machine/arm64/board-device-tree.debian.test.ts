import { describe, expect, it } from 'vitest';
import { addReservation, ensureNode, setProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import { createFdt } from '../../../src/formats/fdt/tree.js';
import { encodeString } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import type { Arm64Machine } from '../../../src/machine/arm64/arm64-machine.js';
import { writeMerged } from '../../../src/machine/arm64/board/board-tree.js';
import { mergeBoardDeviceTree } from '../../../src/machine/arm64/board-device-tree.js';
import { compileDts, decompileDtb } from '../../support/dts.js';
import { catchRefusal, flipEachBit } from '../../support/hostile.js';
import { buildImage } from '../../support/image.js';
import { findSegment, loadOrFail } from '../../support/load.js';
import { buildMachine, GIB, type TestFacts } from '../../support/machine.js';

/** A board file as kernels ship it: places held for what the firmware puts in. */
const BOARD = `/dts-v1/;
/ {
  #address-cells = <2>; #size-cells = <2>;
  compatible = "acme,board-v2", "acme,soc";
  aliases { ethernet0 = &eth; serial0 = &uart; };
  chosen { };
  memory@0 { device_type = "memory"; reg = <0 0 0 0>; };
  cpus {
    #address-cells = <1>; #size-cells = <0>;
    cpu@0 { device_type = "cpu"; reg = <0>; enable-method = "spin-table"; };
    cpu@1 { device_type = "cpu"; reg = <1>; };
  };
  uart: serial@9000000 { reg = <0 0x9000000 0 0x1000>; };
  eth: ethernet@a000000 { reg = <0 0xa000000 0 0x1000>; local-mac-address = [00 00 00 00 00 00]; };
};`;

/** The same board, as its firmware starts a kernel. */
const RUNNING = `/dts-v1/;
/memreserve/ 0x40000000 0x1000;
/memreserve/ 0x7e000000 0x10000;
/ {
  #address-cells = <2>; #size-cells = <2>;
  compatible = "acme,board-v2", "acme,soc";
  serial-number = "A1B2";
  aliases { ethernet0 = &eth; serial0 = &uart; };
  chosen {
    bootargs = "quiet"; kaslr-seed = <1 2>; stdout-path = "serial0:115200n8";
    linux,initrd-start = <0 0x50000000>; linux,initrd-end = <0 0x50001000>;
  };
  memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0 0x40000000>; numa-node-id = <0>; };
  reserved-memory {
    #address-cells = <2>; #size-cells = <2>; ranges;
    secure: firmware@7f000000 { reg = <0 0x7f000000 0 0x100000>; no-map; };
    pool { size = <0 0x100000>; };
    off@60000000 { reg = <0 0x60000000 0 0x1000>; status = "disabled"; };
  };
  psci { compatible = "arm,psci-1.0"; method = "smc"; };
  cpus {
    #address-cells = <1>; #size-cells = <0>;
    cpu@0 { device_type = "cpu"; reg = <0>; enable-method = "psci"; };
    cpu@1 { device_type = "cpu"; reg = <1>; enable-method = "psci"; };
  };
  uart: serial@9000000 { reg = <0 0x9000000 0 0x1000>; };
  eth: ethernet@a000000 { reg = <0 0xa000000 0 0x1000>; local-mac-address = [02 00 00 00 00 01]; };
  user { memory-region = <&secure>; };
};`;

/** What the merge is to give, sorted as dtc sorts it. */
const MERGED = `/dts-v1/;
/memreserve/ 0x40000000 0x1000;
/ {
  #address-cells = <2>; #size-cells = <2>;
  compatible = "acme,board-v2", "acme,soc";
  serial-number = "A1B2";
  aliases { ethernet0 = "/ethernet@a000000"; serial0 = "/serial@9000000"; };
  chosen {
    stdout-path = "serial0:115200n8";
    linux,initrd-start = <0 0x50000000>; linux,initrd-end = <0 0x50001000>;
  };
  memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0 0x40000000>; numa-node-id = <0>; };
  reserved-memory {
    #address-cells = <2>; #size-cells = <2>; ranges;
    firmware@7f000000 { reg = <0 0x7f000000 0 0x100000>; no-map; };
  };
  psci { compatible = "arm,psci-1.0"; method = "smc"; };
  cpus {
    #address-cells = <1>; #size-cells = <0>;
    cpu@0 { device_type = "cpu"; reg = <0>; enable-method = "psci"; };
    cpu@1 { device_type = "cpu"; reg = <1>; enable-method = "psci"; };
  };
  serial@9000000 { reg = <0 0x9000000 0 0x1000>; };
  ethernet@a000000 { reg = <0 0xa000000 0 0x1000>; local-mac-address = [02 00 00 00 00 01]; };
};`;

const running = (source = RUNNING, { arm64, ...facts }: TestFacts = {}): Arm64Machine =>
  buildMachine({ ...facts, arm64: { deviceTree: compileDts(source), ...arm64 } });

/** Merges sources, and gives the source of what came of it. */
function merge(machine: Arm64Machine, board: string): { source: string; notes: readonly string[] } {
  const merged = mergeBoardDeviceTree(machine, compileDts(board));
  return { source: decompileDtb(merged.machine.arm64.deviceTree), notes: merged.notes };
}

const sorted = (source: string): string => decompileDtb(compileDts(source));

/** A board with some of its text replaced. */
function changed(source: string, from: string, to: string): string {
  if (!source.includes(from)) throw new Error(`the source has no ${from}`);
  return source.replace(from, to);
}

describe('a board file', () => {
  it("gets the firmware's facts from the running device tree, with a note for each", () => {
    const machine = running(RUNNING, { arm64: { deviceTreeAddress: 0x7e00_0000n } });
    const length = machine.arm64.deviceTree.length;
    const blob = compileDts(changed(RUNNING, '0x10000;', `0x${length.toString(16)};`));
    const { source, notes } = merge({ ...machine, arm64: { ...machine.arm64, deviceTree: blob } }, BOARD);
    expect(source).toBe(sorted(MERGED));
    expect(notes).toEqual([
      "memory is the running device tree's, 0x40000000..0x80000000",
      '0x40000000..0x40001000 stays reserved, as in the running device tree',
      "/reserved-memory/firmware@7f000000, 0x7f000000..0x7f100000, is the running device tree's",
      "stdout-path of /chosen is the running device tree's, serial0:115200n8",
      '/chosen has linux,initrd-start, linux,initrd-end, whose memory the next load frees',
      "/psci is the running device tree's",
      "CPU 0x0 has the running device tree's enable-method",
      "CPU 0x1 has the running device tree's enable-method",
      "serial-number is the running device tree's",
      "local-mac-address of ethernet0 is the running device tree's",
    ]);
  });

  it('replaces the running device tree; nothing else of the machine changes', () => {
    const machine = running(RUNNING, { arm64: { deviceTreeAddress: 0x7e00_0000n }, commandLine: 'quiet' });
    const { machine: merged } = mergeBoardDeviceTree(machine, compileDts(BOARD));
    const { deviceTreeAddress, ...rest } = machine.arm64;
    const { deviceTree } = merged.arm64;
    expect(merged).toEqual({ ...machine, arm64: { ...rest, deviceTree } });
    expect(merged.arm64).not.toHaveProperty('deviceTreeAddress');
    expect(deviceTreeAddress).toBeDefined();
  });

  it('does not change machine and file', () => {
    const machine = running();
    const board = compileDts(BOARD);
    const [before, file] = [Uint8Array.from(machine.arm64.deviceTree), Uint8Array.from(board)];
    mergeBoardDeviceTree(machine, board);
    expect(machine.arm64.deviceTree).toEqual(before);
    expect(board).toEqual(file);
  });

  it('is loaded: the old initrd is freed, the firmware stays reserved', () => {
    const source = changed(RUNNING, '0x7e000000 0x10000;', '0x50000000 0x1000;');
    const { machine } = mergeBoardDeviceTree(running(source), compileDts(BOARD));
    const { kimage } = loadOrFail({ kernel: buildImage(), options: { commandLine: 'ro' } }, machine);
    const { reservations, root } = parseFdt(findSegment(kimage, 'dtb').bytes);
    expect(reservations).toEqual([{ address: 0x4000_0000n, size: 0x1000n }]);
    expect(root.children.map(({ name }) => name)).toContain('memory@40000000');
  });

  it('that was merged before is merged again without another change', () => {
    const once = mergeBoardDeviceTree(running(), compileDts(BOARD)).machine.arm64.deviceTree;
    const twice = mergeBoardDeviceTree(running(), once);
    expect(decompileDtb(twice.machine.arm64.deviceTree)).toBe(decompileDtb(once));
  });
});

describe('memory', () => {
  const withMemory = (nodes: string): string =>
    changed(BOARD, 'memory@0 { device_type = "memory"; reg = <0 0 0 0>; };', nodes);
  const bank = (start: number, size: number): string =>
    `memory@${start.toString(16)} { device_type = "memory"; reg = <0 ${start} 0 ${size}>; };`;

  it("stays as in the file, if it equals the machine's", () => {
    const board = withMemory(`${bank(0x4000_0000, 0x2000_0000)} ${bank(0x6000_0000, 0x2000_0000)}`);
    const { source, notes } = merge(running(), board);
    expect(source).toContain('memory@60000000');
    expect(notes[0]).toBe("the board file's own memory, 0x40000000..0x80000000, is the machine's");
  });

  it("is the firmware's, if the file has another size", () => {
    const { source, notes } = merge(running(), withMemory(bank(0x4000_0000, 0x8000_0000)));
    expect(source).toContain('reg = <0x00 0x40000000 0x00 0x40000000>');
    expect(notes[0]).toBe(
      "memory is the running device tree's, 0x40000000..0x80000000, in place of the board file's 0x40000000..0xc0000000",
    );
  });

  it('is refused if the machine has none there', () => {
    const board = withMemory(`${bank(0x4000_0000, 0x4000_0000)} ${bank(0x9000_0000, 0x1000_0000)}`);
    expect(() => merge(running(), board)).toThrow(
      expect.objectContaining({
        check: 'board-memory',
        errno: 'EINVAL',
        seen: 'the board file has memory at 0x90000000..0xa0000000, the machine at 0x40000000..0x80000000',
      }),
    );
  });

  it("comes from the machine's memory map, if UEFI's stub deleted the nodes", () => {
    const source = changed(
      RUNNING,
      'memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0 0x40000000>; numa-node-id = <0>; };',
      '',
    );
    const memory = [
      { start: GIB, end: 0x7000_0000n },
      { start: 34n * GIB, end: 36n * GIB },
    ];
    const { source: merged, notes } = merge(running(source, { memory }), BOARD);
    expect(merged).toContain('reg = <0x00 0x40000000 0x00 0x30000000 0x08 0x80000000 0x00 0x80000000>');
    expect(notes[0]).toBe(
      "memory is that of the machine's memory map, 0x40000000..0x70000000, 0x880000000..0x900000000",
    );
  });

  it("is written in the file's cells, or refused if they are too few", () => {
    const small = changed(
      changed(BOARD, '#address-cells = <2>; #size-cells = <2>;', '#address-cells = <1>; #size-cells = <1>;'),
      'reg = <0 0 0 0>',
      'reg = <0 0>',
    )
      .replaceAll('reg = <0 0x9', 'reg = <0x9')
      .replaceAll('reg = <0 0xa', 'reg = <0xa')
      .replaceAll('0 0x1000>', '0x1000>');
    const { source } = merge(running(), small);
    expect(source).toContain('reg = <0x40000000 0x40000000>');
    expect(source).toContain('reg = <0x7f000000 0x100000>');

    const large = changed(RUNNING, 'reg = <0 0x40000000 0 0x40000000>', 'reg = <8 0 1 0>');
    expect(() => merge(running(large), small)).toThrow(
      expect.objectContaining({ check: 'dtb-value', errno: 'EINVAL' }),
    );
  });

  it('replaces a node without a device_type', () => {
    const { source } = merge(running(), withMemory('memory@40000000 { reg = <0 0 0 0>; };'));
    expect(source.match(/memory@/g)).toHaveLength(1);
  });
});

describe('reservations', () => {
  const withRegion = (region: string): string =>
    changed(
      BOARD,
      'chosen { };',
      `chosen { }; reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges; ${region} };`,
    );

  it.each([
    ['by a larger region', withRegion('all@7e000000 { reg = <0 0x7e000000 0 0x2000000>; };')],
    ['by the block', changed(BOARD, '/dts-v1/;', '/dts-v1/; /memreserve/ 0x7e000000 0x2000000;')],
  ])('are not added again if the file has them: %s', (_, board) => {
    const { notes } = merge(running(), board);
    expect(notes.filter((note) => note.includes('0x7f000000'))).toEqual([]);
    expect(notes.filter((note) => note.includes('reserved'))).toHaveLength(1);
  });

  it('are added if the file has only a part of them', () => {
    const { source } = merge(running(), withRegion('part@7f000000 { reg = <0 0x7f000000 0 0x1000>; };'));
    expect(source).toContain('firmware@7f000000');
  });

  it.each([
    ['elsewhere', 'firmware@7f000000 { reg = <0 0x70000000 0 0x1000>; };'],
    ['switched off', 'firmware@7f000000 { reg = <0 0x7f000000 0 0x100000>; status = "disabled"; };'],
  ])('are corrected if the file has them %s', (_, region) => {
    const { source, notes } = merge(running(), withRegion(region));
    expect(source.match(/firmware@7f000000/g)).toHaveLength(1);
    expect(source).toContain('reg = <0x00 0x7f000000 0x00 0x100000>');
    expect(source).not.toContain('status');
    expect(notes).toContain(
      "/reserved-memory/firmware@7f000000, 0x7f000000..0x7f100000, is the running device tree's",
    );
  });

  it("leave out the running device tree's own, known by its size", () => {
    const { length } = compileDts(RUNNING);
    const source = changed(RUNNING, '0x7e000000 0x10000;', `0x7e000000 ${length};`);
    const { reservations } = parseFdt(
      mergeBoardDeviceTree(running(source), compileDts(BOARD)).machine.arm64.deviceTree,
    );
    expect(reservations).toEqual([{ address: 0x4000_0000n, size: 0x1000n }]);
  });
});

describe('/chosen', () => {
  const UEFI = `linux,uefi-system-table = <0 0x7f000000>; linux,uefi-mmap-start = <0 0x7f100000>;
    linux,uefi-mmap-size = <0x900>; linux,uefi-mmap-desc-size = <0x30>; linux,uefi-mmap-desc-ver = <1>;`;

  it('describes UEFI as the firmware did, whatever the file says', () => {
    const source = changed(RUNNING, 'bootargs = "quiet";', UEFI);
    const board = changed(BOARD, 'chosen { };', 'chosen { linux,uefi-system-table = <0 1>; };');
    const { source: merged, notes } = merge(running(source), board);
    expect(merged).toContain('linux,uefi-system-table = <0x00 0x7f000000>');
    expect(merged).toContain('linux,uefi-mmap-desc-ver = <0x01>');
    expect(notes).toContain(
      '/chosen describes UEFI as the running device tree does: linux,uefi-system-table, linux,uefi-mmap-start, ' +
        'linux,uefi-mmap-size, linux,uefi-mmap-desc-size, linux,uefi-mmap-desc-ver',
    );
  });

  it("keeps the file's console", () => {
    const board = changed(BOARD, 'chosen { };', 'chosen { stdout-path = "/ethernet@a000000"; };');
    expect(merge(running(), board).source).toContain('stdout-path = "/ethernet@a000000"');
  });

  it('gets no console that the file does not have', () => {
    const { source, notes } = merge(running(), changed(BOARD, 'serial0 = &uart;', ''));
    expect(source).not.toContain('stdout-path');
    expect(notes).toContain(
      'stdout-path serial0:115200n8 of /chosen is left out: the board file has no such device',
    );
  });

  it('is added if the file has none, but not if the running device tree has none', () => {
    expect(merge(running(), changed(BOARD, 'chosen { };', '')).source).toContain('stdout-path');
    const bare = RUNNING.replace(/chosen \{[^}]*\};/, '');
    expect(merge(running(bare), changed(BOARD, 'chosen { };', '')).source).not.toContain('chosen');
  });
});

describe('CPUs and devices', () => {
  it('are compared, and a note says what either lacks', () => {
    const board = changed(BOARD, 'cpu@1 { device_type = "cpu"; reg = <1>; };', 'cpu@2 { reg = <2>; };');
    expect(merge(running(), board).notes).toEqual(
      expect.arrayContaining([
        'the board file has a CPU 0x2, which the running device tree lacks',
        'the board file lacks CPU 0x1: the next kernel does without it',
      ]),
    );
  });

  it('have the spin table that the firmware left', () => {
    const source = changed(
      RUNNING,
      'reg = <1>; enable-method = "psci";',
      'reg = <1>; enable-method = "spin-table"; cpu-release-addr = <0 0x40000100>;',
    );
    const { source: merged, notes } = merge(running(source), BOARD);
    expect(merged).toContain('cpu-release-addr = <0x00 0x40000100>');
    expect(notes).toContain("CPU 0x1 has the running device tree's enable-method and cpu-release-addr");
  });

  it('keep an address of their own', () => {
    const board = changed(BOARD, '[00 00 00 00 00 00]', '[02 00 00 00 00 99]');
    expect(merge(running(), board).source).toContain('[02 00 00 00 00 99]');
  });

  it('have a note if the file lacks them', () => {
    const board = changed(BOARD, 'ethernet0 = &eth;', '').replace(/eth: [^}]*};/, '');
    expect(merge(running(), board).notes).toContain(
      'local-mac-address of ethernet0 is left out: the board file has no such device',
    );
  });
});

describe('a file for another board', () => {
  it.each([
    ['another board', changed(BOARD, '"acme,board-v2", "acme,soc"', '"other,board"'), RUNNING],
    ['no board', changed(BOARD, 'compatible = "acme,board-v2", "acme,soc";', ''), RUNNING],
    [
      'a machine with ACPI',
      BOARD,
      '/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; chosen { linux,uefi-mmap-size = <1>; }; };',
    ],
  ])('is refused: %s', (_, board, machine) => {
    expect(() => merge(running(machine), board)).toThrow(
      expect.objectContaining({ check: 'board-compatible', errno: 'EINVAL' }),
    );
  });

  it('has a note, if both have a name in common', () => {
    const board = changed(BOARD, '"acme,board-v2"', '"acme,board-v3"');
    expect(merge(running(), board).notes[0]).toBe(
      'the board file is for acme,board-v3, the machine is acme,board-v2: both are acme,soc',
    );
  });

  it('is refused if it is no device tree', () => {
    expect(() => mergeBoardDeviceTree(running(), new Uint8Array(64))).toThrow(
      expect.objectContaining({ check: 'dtb-header', errno: 'EINVAL' }),
    );
  });
});

describe('trees of any kind', () => {
  const [machine, board] = [running(), compileDts(BOARD)];

  it('are merged or refused, whichever bit is wrong', () => {
    let refused = 0;
    for (const file of flipEachBit(board, board.length)) {
      if (catchRefusal(() => mergeBoardDeviceTree(machine, file)) !== undefined) refused += 1;
    }
    for (const deviceTree of flipEachBit(machine.arm64.deviceTree, machine.arm64.deviceTree.length)) {
      if (
        catchRefusal(() =>
          mergeBoardDeviceTree({ ...machine, arm64: { ...machine.arm64, deviceTree } }, board),
        ) !== undefined
      )
        refused += 1;
    }
    expect(refused).toBeGreaterThan(1000);
  });

  it('are merged in time that grows with their size', () => {
    const fdt = createFdt();
    setProperty(fdt, fdt.root, 'compatible', encodeString('acme,soc'));
    const board = writeFdt(fdt);
    for (let i = 0; i < 30_000; i += 1) addReservation(fdt, 0x1_0000n * BigInt(i), 0x1000n);
    const regions = ensureNode(fdt, '/reserved-memory');
    for (let i = 0; i < 10_000; i += 1) {
      const reg = new Uint8Array(12);
      new DataView(reg.buffer).setUint32(4, 0x2000 + i * 0x1_0000);
      new DataView(reg.buffer).setUint32(8, 0x1000);
      regions.children.push({
        name: `region@${i}`,
        properties: [
          { name: 'reg', value: reg },
          { name: `odd-${i}`, value: new Uint8Array(0) },
        ],
        children: [],
      });
    }
    const { notes } = mergeBoardDeviceTree(buildMachine({ arm64: { deviceTree: writeMerged(fdt) } }), board);
    expect(notes).toHaveLength(40_001);
  });
});
