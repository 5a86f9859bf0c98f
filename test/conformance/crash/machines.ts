/** A machine that crashes. */
export interface CrashShape {
  readonly name: string;
  readonly cpus: number;
  /** As QEMU takes it. */
  readonly memory: string;
  /** The value of `crashkernel=`. */
  readonly region: string;
  /** What loads the capture kernel: kexec_file_load(2), or kexec_load(2). */
  readonly syscall: 'file' | 'segments';
  /** How /proc/vmcore gets to the share: copied, or by `vmcore save`. */
  readonly by: 'copy' | 'save';
  /** Whether it crashes in every run, not only in those that ask everything. */
  readonly inEveryRun: boolean;
}

/** Crash regions below and above 4 GiB, with different sizes of memory. KASLR is on in all machines. */
export const SHAPES: readonly CrashShape[] = [
  { name: '1 CPU, 1G', cpus: 1, memory: '1G', region: '256M', syscall: 'file', by: 'copy', inEveryRun: true },
  {
    name: '4 CPUs, 1G',
    cpus: 4,
    memory: '1G',
    region: '256M',
    syscall: 'segments',
    by: 'copy',
    inEveryRun: false,
  },
  {
    name: '4 CPUs, 5G, above 4G',
    cpus: 4,
    memory: '5G',
    region: '256M',
    syscall: 'file',
    by: 'save',
    inEveryRun: false,
  },
  {
    name: '1 CPU, 5G, below 4G',
    cpus: 1,
    memory: '5G',
    region: '256M@0x60000000',
    syscall: 'segments',
    by: 'save',
    inEveryRun: false,
  },
];
