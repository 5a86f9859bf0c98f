import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildElfcorehdr, parseElfcorehdr } from '../../src/crash/elfcorehdr.js';
import type { ProgramHeader } from '../../src/formats/elf/program-headers.js';
import { formatMachine, parseMachine } from '../../src/machine/schema.js';
import { parseVmcoreinfo } from '../../src/machine/vmcoreinfo.js';
import { corpus } from '../support/corpus.js';
import { buildMachine, GIB } from '../support/machine.js';
import { buildCaptureInitrd, captureKernel } from './capture-kernel.js';
import { GUEST_TEST_TIMEOUT, type GuestOptions, runGuest } from './guest.js';

const NT_PRSTATUS = 1;

/** Prints what an ELF core header is made of; the device tree would take long on a serial port. */
const RECORD = `
  kexec-file machine record | node -e '
    const { memory, crashRegion, crash } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    console.log(JSON.stringify({ memory, crashRegion, crash }));'`;

const MACHINES: [string, GuestOptions & { readonly cpus: number }, number][] = [
  ['1 CPU and 1 GiB', { script: '', cpus: 1, memory: '1G', commandLine: 'crashkernel=256M' }, 1],
  [
    '4 CPUs, 6 GiB, and crash regions above and below 4 GiB, at EL2',
    { script: '', cpus: 4, memory: '6G', el: 2, commandLine: 'crashkernel=256M,high crashkernel=64M,low' },
    2,
  ],
];

/** What stays the same when the capture kernel gives memory another place in the file. */
function memoryOf({ physicalAddress, virtualAddress, memorySize }: ProgramHeader): bigint[] {
  return [physicalAddress, virtualAddress, memorySize];
}

describe('kexec-file load --panic', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it.each(MACHINES)('catches a crash on %s', async (_, options, regions) => {
    const { output, console } = await runGuest({
      ...options,
      files: {
        '/boot/vmlinuz': corpus.cloudKernel(),
        '/boot/initrd': buildCaptureInitrd(),
        '/boot/shim': corpus.shim(),
      },
      script: `
        ${RECORD}
        kexec-file load /boot/vmlinuz --initrd /boot/initrd --panic --syscall segments --keyring /boot/shim \\
          --command-line 'console=ttyAMA0 quiet nr_cpus=1 reset_devices'
        cat /sys/kernel/kexec_crash_loaded
        sleep 2 # what was said is on its way to the serial port, which a crash does not wait for
        echo c > /proc/sysrq-trigger`,
    });
    const [facts = '', ...said] = output.split('\n');
    expect(said).toEqual([expect.stringMatching(/^loaded by kexec_load, to enter 0x/), '1', '']);
    const machine = parseMachine(
      JSON.stringify({ ...JSON.parse(formatMachine(buildMachine())), ...JSON.parse(facts) }),
    );
    const { crashRegion } = machine;
    expect([crashRegion?.high, crashRegion?.low].filter((region) => region !== undefined)).toHaveLength(
      regions,
    );
    expect((crashRegion?.high.start ?? 0n) >= 4n * GIB).toBe(regions === 2);

    const captured = captureKernel(console);
    expect(captured.commandLine).toBe('console=ttyAMA0 quiet nr_cpus=1 reset_devices');
    const end = captured.loads.map(({ offset, fileSize }) => offset + fileSize).at(-1);
    expect(BigInt(captured.size)).toBe(end);
    expect(captured.lastPage).toBe(4096);
    expect(captured.loads.map(memoryOf)).toEqual(
      parseElfcorehdr(buildElfcorehdr(machine)).loads.map(memoryOf),
    );

    const cpus = captured.notes.filter(({ name, type }) => name === 'CORE' && type === NT_PRSTATUS);
    expect(cpus).toHaveLength(options.cpus);
    const note = captured.notes.find(({ name }) => name === 'VMCOREINFO');
    expect(parseVmcoreinfo(Buffer.from(note?.descriptor ?? []).toString())).toMatchObject({
      OSRELEASE: captured.release,
      CRASHTIME: expect.stringMatching(/^\d+$/),
    });

    // What is dumped as the kernel's text is the kernel: its Image header is there.
    const image = new Uint8Array(readFileSync(corpus.cloudKernel()));
    expect(captured.text.subarray(0, 64)).toEqual(image.subarray(0, 64));
  });
});
