import type { OracleRelease } from '../../support/oracle/oracle.js';
import { GUEST_INITRD_SIZE } from '../../support/oracle/session.js';
import { formatX86Stage, X86_SECURE_FIRMWARE } from '../../support/oracle/x86-64/loads.js';
import { findSecureFirmware } from '../../support/secure-firmware.js';
import { nameSigned, SYNTHETIC_KERNELS } from './kernels.js';
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
  /** SeaBIOS if left out. With Secure Boot, it has the keys of firmware-keys.ts, and each kernel needs a signature. */
  readonly firmware?: 'UEFI' | 'Secure Boot';
  /** Whether other machines have each of its features, so that an ordinary run leaves it out. */
  readonly isRepetition?: boolean;
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

/** After those of an unsigned kernel: the last one succeeds. */
const signed = (): X86Load[] =>
  [...ordinary(), ...crash()].flatMap((load, index) => [
    ...(index % ORDINARY.length === 1 ? [load] : []),
    { ...load, kernel: nameSigned(load.kernel) },
  ]);

const withoutCma = (loads: readonly X86Load[]): X86Load[] => loads.map((load) => ({ ...load, noCma: true }));

/** The machine on which Debian's kernels are asked about setup headers, too. */
export const SMALLEST = '512M, 1 CPU';

/** The machine on which Debian's kernels are asked about signatures, too. */
export const SECURE_BOOT = 'UEFI, Secure Boot';

const UEFI = 'UEFI, 3G, then kexec';

/** One for each firmware. */
const ASKED_OF_EACH: readonly string[] = [SMALLEST, UEFI, SECURE_BOOT];

const MACHINES: readonly X86Shape[] = [
  {
    name: SMALLEST,
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
    name: UEFI,
    type: 'q35',
    firmware: 'UEFI',
    memory: '3G',
    cpus: 2,
    append: 'crashkernel=256M',
    loads: [...ordinary(), ...crash()],
    next: { by: 'kexec', append: '', loads: ordinary() },
  },
  {
    name: 'UEFI, 5G, crash region high',
    type: 'q35',
    firmware: 'UEFI',
    isRepetition: true,
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
    firmware: 'UEFI',
    memory: '1G',
    append: 'noefi crashkernel=128M',
    loads: [...ordinary(), ...crash()],
  },
  {
    name: SECURE_BOOT,
    type: 'q35',
    firmware: 'Secure Boot',
    memory: '1G',
    append: 'crashkernel=128M',
    loads: signed(),
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

/**
 * The machines on which a kernel is asked in every run: all but repetitions; of Linux 7.3 only those that have something of
 * its own, and {@link ASKED_OF_EACH}.
 */
export function selectX86Machines(release: OracleRelease): readonly X86Shape[] {
  const machines = x86MachinesOf(release);
  if (release === '6.12') return machines.filter(({ isRepetition = false }) => !isRepetition);
  return machines.filter(({ only, name }) => only !== undefined || ASKED_OF_EACH.includes(name));
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
export function buildX86Arguments({ type = 'pc', memory, cpus = 1, firmware }: X86Shape): string[] {
  const size = ['-m', memory, '-smp', String(cpus)];
  if (firmware === undefined) return ['-M', type, ...size];
  const pflash = (file: string): string[] => [
    '-drive',
    `if=pflash,unit=0,format=raw,readonly=on,file=${file}`,
  ];
  if (firmware === 'UEFI') return ['-M', type, ...size, ...pflash(OVMF)];
  // Only the firmware's SMM code may write to its variables.
  const protect = ['-global', 'driver=cfi.pflash01,property=secure,value=on'];
  return [
    '-M',
    `${type},smm=on`,
    ...size,
    ...protect,
    ...pflash(findSecureFirmware(X86_SECURE_FIRMWARE).code),
  ];
}
