import { describe, expect, it } from 'vitest';
import type { Mapping } from '../../../src/vmcore/address/address-space.js';
import { buildGdbArguments, formatShellCommand } from '../../../src/vmcore/summary/gdb-arguments.js';
import { summarizeVmcore } from '../../../src/vmcore/summary/vmcore-summary.js';
import { buildElfVmcore, buildFlatCrashedKernel } from '../../support/crashed-kernel.js';
import { catchRefusal } from '../../support/hostile.js';
import { buildKdump, PACKS } from '../../support/kdump.js';
import {
  openVmcoreBytes,
  REDUCED_VMCORES,
  type ReducedVmcore,
  readReducedVmcore,
} from '../../support/vmcore.js';

const FACTS: Record<ReducedVmcore, object> = {
  'linux-7.3-48bit': {
    release: '7.3.4-kexec-oracle',
    buildId: 'e8217b3e454e4266d7b8316e72b9e4365605271a',
    crashTime: 1795950132,
    panicked: 1,
    cpus: [
      {
        index: 0,
        pid: 0,
        registers: { pc: 0xffffa68e6b0884f0n, sp: 0xffffa68e6b4f3d20n, pstate: 0x40000005n },
      },
      { index: 1, pid: 55 },
    ],
  },
  'linux-6.12-48bit': {
    release: '6.12.117-kexec-oracle',
    buildId: 'a758743ea52a6f4a82167272f101ffae3c732787',
    crashTime: 1795388012,
    uptime: 7.639213184,
    context: 'CPU: 0 UID: 0 PID: 1 Comm: init Kdump: loaded Not tainted 6.12.117-kexec-oracle #4 ',
    panicked: 0,
    cpus: [
      {
        index: 0,
        pid: 1,
        registers: { pc: 0xffffa5df7e4c8b78n, sp: 0xffff59ed41463a60n, pstate: 0x400000c5n },
      },
      {
        index: 1,
        pid: 0,
        registers: { pc: 0xffffa5df7e9c6d8cn, sp: 0xffff59ed414bfe00n, pstate: 0x40000005n },
      },
    ],
  },
  'debian-6.12-52bit': {
    release: '6.12.117+deb12-cloud-arm64',
    panicked: 1,
    cpus: [{ pid: 0 }, { pid: 1, registers: { sp: 0xffff80008002b6c0n } }],
  },
  'debian-6.1-48bit': { release: '6.1.0-56-cloud-arm64', panicked: 1, cpus: [{ pid: 0 }, { pid: 1 }] },
  'debian-6.12-x86_64': {
    uts: { sysname: 'Linux', machine: 'x86_64' },
    release: '6.12.117+deb13-cloud-amd64',
    buildId: '3bde3ce03156c39bec3310fbdd6bd14bfbefb62e',
    crashTime: 1796020686,
    uptime: 19.778855434,
    panicked: 1,
    cpus: [
      {
        index: 0,
        pid: 151,
        registers: {
          rip: 0xffffffff8d84def4n,
          rsp: 0xff5ef948401a7658n,
          rbp: 0xff5ef948401a77a0n,
          cs: 0x10n,
          eflags: 0x202n,
        },
      },
      { index: 1, pid: 1, registers: { rip: 0xffffffff8cdc29a0n, rsp: 0xff5ef948400138d0n } },
    ],
  },
  'debian-7.3-x86_64': {
    uts: { sysname: 'Linux', machine: 'x86_64' },
    release: '7.3.4+deb13-cloud-amd64',
    buildId: '1fe9968467f2755292a45806719b9bba136b0cc8',
    panicked: 1,
    cpus: [
      { pid: 0, registers: { rip: 0xffffffff84153c9fn, rsp: 0xffffffff85003dd0n } },
      { pid: 1, registers: { rip: 0xffffffff834a657dn, rsp: 0xffffcce5c00139d8n } },
    ],
  },
};

describe('the summary of a vmcore', () => {
  it.each(REDUCED_VMCORES)('%s', (name) => {
    const info = summarizeVmcore(openVmcoreBytes(readReducedVmcore(name)));
    expect(info).toMatchObject({
      format: 'ELF',
      panic: 'Kernel panic - not syncing: sysrq triggered crash',
      uts: { sysname: 'Linux', machine: 'aarch64' },
      problems: [],
      ...FACTS[name],
    });
    expect(info.uts?.release).toBe(info.release);
  });

  it('is the same for a compressed dump', () => {
    const vmcore = readReducedVmcore('debian-6.1-48bit');
    const { format: _, memory, ...elf } = summarizeVmcore(openVmcoreBytes(vmcore));
    const {
      format,
      memory: ranges,
      ...compressed
    } = summarizeVmcore(openVmcoreBytes(buildKdump(vmcore, PACKS.zlib)));
    expect(format).toBe('kdump-compressed');
    expect(compressed).toEqual(elf);
    const total = (all: typeof memory) => all.reduce((sum, { present }) => sum + present, 0n);
    expect(total(ranges)).toBe(total(memory));
  });

  it('names missing facts', () => {
    const dump = buildElfVmcore({ notes: new Uint8Array(12), pieces: [] });
    expect(summarizeVmcore(openVmcoreBytes(dump)).problems).toEqual([
      'there is no VMCOREINFO',
      'no CPU left its registers',
    ]);
  });
});

describe('virtual addresses of real kernels', () => {
  it.each(REDUCED_VMCORES)('%s: page tables and PT_LOADs agree', (name) => {
    const { loads, memory, addressSpace, virtual } = openVmcoreBytes(readReducedVmcore(name));
    const root = virtual.tableRoot;
    if (addressSpace === undefined || root === undefined) throw new Error('no page tables');
    let compared = 0;
    for (const { virtualAddress, physicalAddress } of loads) {
      let mapping: Mapping | undefined;
      if (
        catchRefusal(() => {
          mapping = addressSpace.walk(memory, root, virtualAddress);
        }) !== undefined
      )
        continue;
      // The kernel unmaps what only its start needs.
      if (mapping === undefined) continue;
      expect(mapping.physical).toBe(physicalAddress);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(3);
  });
});

describe('the gdb command', () => {
  it('has the dump, then the symbols at the address that KASLR chose', () => {
    const vmcore = openVmcoreBytes(readReducedVmcore('linux-6.12-48bit'));
    expect(formatShellCommand('gdb', buildGdbArguments(vmcore, '/var/crash/vmcore', "it's vmlinux"))).toBe(
      `gdb -ex 'core-file /var/crash/vmcore' -ex 'symbol-file "it'\\''s vmlinux" -o 0x25defe400000' -ex bt`,
    );
  });

  it('handles signed return addresses, stacks outside the linear map, and the CPU that panicked', () => {
    const args = buildGdbArguments(
      openVmcoreBytes(readReducedVmcore('debian-6.12-52bit')),
      'vmcore',
      'vmlinux',
    );
    const [core, symbols, unwinder, thread, bt, ...rest] = args.filter((word) => word !== '-ex');
    expect([core, symbols]).toEqual(['core-file vmcore', 'symbol-file vmlinux -o 0x276896400000']);
    expect(unwinder).toContain('T={0xffff80008002b000:0xfff00000029e6000}');
    expect(unwinder).toContain('l | 0xfff0000000000000');
    expect(thread).toContain('t.ptid[1] == 1');
    expect([bt, ...rest]).toEqual(['bt']);
  });

  it('removes no signatures if the kernel does not sign', () => {
    const args = buildGdbArguments(
      openVmcoreBytes(readReducedVmcore('debian-6.1-48bit')),
      'vmcore',
      'vmlinux',
    );
    expect(args.join('\n')).toMatch(/T=\{0xffff80000802b000:0x[\da-f]{16}\}.*l \| 0x0\)/);
  });

  it('is refused for dumps that gdb cannot read, and without KERNELOFFSET', () => {
    const vmcore = readReducedVmcore('debian-6.1-48bit');
    expect(
      catchRefusal(() => buildGdbArguments(openVmcoreBytes(buildKdump(vmcore, PACKS.zlib)), 'a', 'b')),
    ).toMatchObject({
      errno: 'EOPNOTSUPP',
      check: 'dump-kind',
    });
    const log = { kind: 'log_buf', size: 4096, first: 0, records: [] } as const;
    expect(
      catchRefusal(() =>
        buildGdbArguments(openVmcoreBytes(buildElfVmcore(buildFlatCrashedKernel(log))), 'a', 'b'),
      ),
    ).toMatchObject({
      errno: 'ENODATA',
      check: 'vmcoreinfo',
    });
  });
});
