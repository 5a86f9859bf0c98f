import type { OracleRelease } from '../../support/oracle/oracle.js';
import { GUEST_INITRD_SIZE } from '../../support/oracle/session.js';
import { formatX86Stage } from '../../support/oracle/x86-64/loads.js';
import { SYNTHETIC_KERNELS } from './kernels.js';
import type { X86Load } from './scenario.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** An x86_64 machine on which Debian's kernels boot, and the loads there. */
export interface X86Shape {
  /** Also the name of its file in recorded/. */
  readonly name: string;
  /** The values of QEMU's `-M`, `-m` and `-smp`. */
  readonly type?: 'pc' | 'q35';
  readonly memory: string;
  readonly cpus?: number;
  /** Whether it boots by OVMF instead of SeaBIOS. */
  readonly uefi?: boolean;
  /** The only release that knows what it has; all of them if left out. */
  readonly only?: OracleRelease;
  /** The kernel's command line without the console. */
  readonly append?: string;
  readonly loads: readonly X86Load[];
  /** How the next kernel is entered, which is the same; its loads, and its command line without the console. */
  readonly next?: {
    readonly by: 'kexec' | 'crash';
    readonly append: string;
    readonly loads: readonly X86Load[];
  };
}

/** The last one succeeds: if it is a crash kernel's, its segments are read back. */
const ORDINARY: readonly Omit<X86Load, 'type'>[] = [
  { kernel: '3 GiB', commandLine: 'quiet' },
  { kernel: 'tiny' },
  { kernel: 'tiny', initrd: 1, commandLine: '' },
  { kernel: 'tiny', initrd: 3 * MIB + 1, commandLine: `console=ttyS0 ${'x'.repeat(1900)}` },
  { kernel: 'tiny', commandLine: 'x'.repeat(2016) },
  { kernel: 'tiny', commandLine: 'x'.repeat(2017) },
  { kernel: 'aligned to 16 MiB', initrd: 4 * KIB + 1, commandLine: 'quiet' },
  { kernel: 'a page more than 2 MiB', initrd: 6 * MIB, commandLine: 'quiet' },
  { kernel: 'from 256 MiB', initrd: 4 * KIB },
  { kernel: 'tiny', initrd: 4 * KIB, commandLine: 'quiet' },
];

const DEBIAN: readonly Omit<X86Load, 'type'>[] = [
  { kernel: 'debian', initrd: MIB, commandLine: 'console=ttyS0' },
];

const as = (type: X86Load['type'], loads: readonly Omit<X86Load, 'type'>[]): X86Load[] =>
  loads.map((load) => ({ type, ...load }));

const ordinary = (): X86Load[] => as('default', ORDINARY);
const crash = (): X86Load[] => as('crash', ORDINARY);
/** The kernel computes digests of 60 MB, which takes seconds. */
const debianCrash = (): X86Load[] => as('crash', DEBIAN);
const odd = (type: X86Load['type']): X86Load[] =>
  as(
    type,
    SYNTHETIC_KERNELS.map((kernel) => ({ kernel, initrd: 4 * KIB, commandLine: 'quiet' })),
  );

const withoutCma = (loads: readonly X86Load[]): X86Load[] => loads.map((load) => ({ ...load, noCma: true }));

const MACHINES: readonly X86Shape[] = [
  {
    name: '512M, 1 CPU',
    memory: '512M',
    append: 'crashkernel=64M',
    loads: [...ordinary(), ...odd('default'), ...odd('crash'), ...crash()],
  },
  {
    name: 'q35, 2G, then kexec',
    type: 'q35',
    memory: '2G',
    cpus: 2,
    append: 'crashkernel=256M',
    loads: [...ordinary(), ...crash()],
    next: { by: 'kexec', append: 'crashkernel=192M', loads: [...ordinary(), ...crash()] },
  },
  {
    name: '6G, crash region high and low',
    memory: '6G',
    cpus: 4,
    append: 'crashkernel=256M,high crashkernel=72M,low',
    loads: [...ordinary(), ...odd('default'), ...debianCrash(), ...crash()],
  },
  {
    name: '1G, mem=700M, memmap=',
    memory: '1G',
    append: 'mem=700M memmap=64M$0x10000000 memmap=16M#0x18000000 crashkernel=128M',
    loads: [...ordinary(), ...crash()],
  },
  {
    name: 'UEFI, 3G, then kexec',
    type: 'q35',
    uefi: true,
    memory: '3G',
    cpus: 2,
    append: 'crashkernel=256M',
    loads: [...ordinary(), ...crash()],
    next: { by: 'kexec', append: '', loads: ordinary() },
  },
  {
    name: 'UEFI, 5G, crash region high',
    type: 'q35',
    uefi: true,
    memory: '5G',
    append: 'crashkernel=512M,high',
    loads: [...ordinary(), ...odd('default'), ...crash()],
  },
  {
    name: '2500M, then crash',
    memory: '2500M',
    append: 'crashkernel=256M',
    loads: [...ordinary(), ...crash()],
    next: { by: 'crash', append: 'maxcpus=1', loads: ordinary() },
  },
  {
    name: 'UEFI, noefi',
    type: 'q35',
    uefi: true,
    memory: '1G',
    append: 'noefi crashkernel=128M',
    loads: [...ordinary(), ...crash()],
  },
  {
    name: 'CMA area',
    only: '7.3',
    memory: '2G',
    append: 'cma=256M@0x20000000 crashkernel=128M',
    loads: [...withoutCma(ordinary()), ...ordinary(), ...crash()],
  },
  {
    name: 'crash region with CMA',
    only: '7.3',
    memory: '2G',
    append: 'crashkernel=256M crashkernel=128M,cma',
    loads: [...ordinary(), ...crash()],
  },
];

/** The machines of a release. */
export function x86MachinesOf(release: OracleRelease): readonly X86Shape[] {
  return MACHINES.filter(({ only }) => only === undefined || only === release);
}

/** The machines on which a kernel is asked in every run: of Linux 7.3 only those that have something of its own, or UEFI. */
export function selectX86Machines(release: OracleRelease): readonly X86Shape[] {
  const machines = x86MachinesOf(release);
  if (release === '6.12') return machines;
  return machines.filter(({ only, uefi = false }) => only !== undefined || uefi);
}

/** The names of the machine that a shape describes, and of that which its next kernel finds. */
export function x86NamesOf({ name, next }: X86Shape): string[] {
  return next === undefined ? [name] : [name, `${name}, the next kernel`];
}

/** The name of the next kernel's stage. */
export const SECOND_STAGE = 'second';

/** The loads of each kernel; the last one of the first kernel is that of the next kernel, which it enters. */
export function listStageLoads({ loads, next }: X86Shape): readonly (readonly X86Load[])[] {
  if (next === undefined) return [loads];
  const entered: X86Load = {
    type: next.by === 'crash' ? 'crash' : 'default',
    kernel: 'debian',
    initrd: GUEST_INITRD_SIZE,
    commandLine: `${formatX86Stage(SECOND_STAGE)} ${next.append}`.trim(),
  };
  return [[...loads, entered], next.loads];
}

const OVMF = '/usr/share/OVMF/OVMF_CODE_4M.fd';

/** QEMU's arguments for a machine. */
export function buildX86Arguments({ type = 'pc', memory, cpus = 1, uefi = false }: X86Shape): string[] {
  const firmware = uefi ? ['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${OVMF}`] : [];
  return ['-M', type, '-m', memory, '-smp', String(cpus), ...firmware];
}
