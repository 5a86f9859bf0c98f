import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../../src/machine/machine-value.js';
import { parseMachine } from '../../../src/machine/schema.js';
import { crashOracle } from '../../support/oracle/crash.js';
import type { Oracle } from '../../support/oracle/oracle.js';
import type { CrashShape } from './machines.js';

/** The files and records of a crash. */
export interface Crash {
  readonly shape: CrashShape;
  /** The machine before the crash, and its file. */
  readonly machine: Machine;
  readonly machineFile: string;
  /** The capture kernel, its initrd and its command line. */
  readonly kernel: string;
  readonly initrd: string;
  readonly commandLine: string;
  /** The kernel's log while it loaded the capture kernel. */
  readonly log: string;
  /** The ELF core header of the capture kernel. */
  readonly elfcorehdr: string;
  /** /proc/vmcore, or the output of `vmcore save`: an ELF file in both cases. */
  readonly vmcore: string;
}

const COMMAND_LINE = 'console=ttyAMA0 loglevel=1 panic=-1 stage=capture nr_cpus=1 reset_devices';

/** Fills pages of processes and of files, which filters leave out. */
const USED = `
  cp /tools/usr/bin/node /tmp/file
  node -e 'globalThis.kept = Buffer.alloc(64 << 20, 7); setTimeout(() => {}, 1e9)' &
  sleep 3`;

/**
 * Crashes the oracle on a machine, with a capture kernel that `kexec-file load --panic` loaded there.
 *
 * @param folder - for the files; it is created
 * @throws Error as crashOracle()
 */
export async function crashMachine(
  oracle: Oracle,
  shape: CrashShape,
  folder: string,
  tools: string,
): Promise<Crash> {
  mkdirSync(folder);
  copyFileSync('test/support/oracle/elfcorehdr.cjs', join(folder, 'elfcorehdr.cjs'));
  const { cpus, memory, region, syscall, by } = shape;
  const debug = syscall === 'file' ? '--debug' : '';
  await crashOracle({
    oracle,
    machine: ['-M', 'virt', '-cpu', 'cortex-a57', '-m', memory, '-smp', String(cpus)],
    append: `crashkernel=${region}`,
    share: folder,
    tools,
    scripts: {
      crash: `
        kexec-file machine record -o machine.json
        dmesg -c >/dev/null
        kexec-file load kernel --initrd initrd --panic --syscall ${syscall} ${debug} --policy permissive \\
          --command-line '${COMMAND_LINE}'
        dmesg >log
        ${USED}
        sync
        echo c >/proc/sysrq-trigger`,
      capture: `
        node elfcorehdr.cjs >elfcorehdr
        ${by === 'copy' ? 'dd if=/proc/vmcore of=vmcore bs=256k' : 'kexec-file vmcore save /proc/vmcore -o vmcore --format elf --filter all'}`,
    },
  });
  const machineFile = join(folder, 'machine.json');
  return {
    shape,
    machine: parseMachine(readFileSync(machineFile, 'utf8')),
    machineFile,
    kernel: join(folder, 'kernel'),
    initrd: join(folder, 'initrd'),
    commandLine: COMMAND_LINE,
    log: readFileSync(join(folder, 'log'), 'latin1'),
    elfcorehdr: join(folder, 'elfcorehdr'),
    vmcore: join(folder, 'vmcore'),
  };
}
