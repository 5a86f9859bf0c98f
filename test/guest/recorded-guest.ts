/** Records a guest in all three ways, and compares the machine with what the kernel says. */
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { rangeOf, size } from '../../src/base/range.js';
import { parseElfcorehdr } from '../../src/crash/elfcorehdr.js';
import { findSystemRam, parseIomem } from '../../src/formats/iomem.js';
import { parseMemblock } from '../../src/formats/memblock.js';
import type { Arm64Machine } from '../../src/machine/arm64/arm64-machine.js';
import { parseMachine } from '../../src/machine/schema.js';
import { corpus } from '../support/corpus.js';
import { asArm64 } from '../support/machine.js';
import { runGuest } from './guest.js';

const MIB = 0x10_0000n;

/**
 * Records the live machine in all three ways, as a user, and prints the machine file and the files of the kernel to
 * compare it with. The lines that name what was written are printed only if something fails. Tar and folder have the
 * name of the host, so that all three machines have the same name.
 *
 * @param asUser - a command that runs a shell command as the user
 */
export const buildRecordScript = (asUser: string): string => `
  hostname guest
  mkdir -p /tmp/collected/guest
  cd /tmp/collected
  chmod 777 . guest
  exec 3>&2 2> /tmp/said
  kexec-file machine collector -o collect.sh
  chmod 644 collect.sh
  ${asUser} 'kexec-file machine record -o live.json &&
    sh collect.sh -o guest.tar &&
    kexec-file machine record --from guest.tar -o tar.json &&
    tar -xf guest.tar -C guest &&
    kexec-file machine record --from guest -o folder.json &&
    cmp live.json tar.json &&
    cmp live.json folder.json &&
    gzip -c live.json | base64 -w 0' || { cat /tmp/said; exit 1; }
  exec 2>&3
  printf '\\n=\\n'
  cat /proc/iomem
  echo =
  cat /sys/kernel/debug/memblock/memory
  echo =
  cat /sys/kernel/debug/memblock/reserved
  echo =
  dd if=/proc/kcore bs=4096 count=1 2>/dev/null | base64 -w 0
  echo
  echo =
  cat /sys/kernel/vmcoreinfo /sys/devices/system/cpu/cpu*/crash_notes
`;

/** Splits the output of the script: the machine, and the other texts. */
export function readRecorded(output: string): [Arm64Machine, ...string[]] {
  const [machine = '', ...texts] = output.split('\n=\n');
  return [asArm64(parseMachine(gunzipSync(Buffer.from(machine, 'base64')).toString('utf8'))), ...texts];
}

/** Expects the same machine of a kernel live, from a tar and from a folder, as the kernel's own files have it. */
export async function expectSameMachine(kernel: 'cloud-6.12' | 'cloud-6.1'): Promise<void> {
  const release = corpus.kernel(kernel).match(/vmlinuz-(.*)/)?.[1] ?? '';
  const configFile = corpus.kernel(kernel).replace('vmlinuz-', 'config-');
  const { output, status } = await runGuest({
    kernel,
    commandLine: 'crashkernel=256M',
    files: { [`/boot/config-${release}`]: configFile },
    script: buildRecordScript('sh -c'),
  });
  expect(status, output).toBe(0);
  const [machine, iomem = '', memory = '', reserved = '', kcore = '', notes = ''] = readRecorded(output);

  expect(machine.unknown).toBeUndefined();
  expect(machine.name).toBe('guest');
  expect(machine.memorySource).toBe('memblock');
  expect(machine.memory).toEqual(parseMemblock(memory).map(({ range }) => range));
  expect(machine.memory).toEqual(findSystemRam(parseIomem(iomem)));
  expect(machine.reserved).toEqual(parseMemblock(reserved).map(({ range }) => range));
  expect(size(machine.crashRegion?.high ?? { start: 0n, end: 0n })).toBe(256n * MIB);
  expect(machine.commandLine).toContain('crashkernel=256M');
  expect(machine.possibleCpus).toBe(2);
  expect(machine.arm64).toMatchObject({
    granules: [4096, 65536],
    mixedEndian: true,
    enableMethods: ['psci'],
  });
  expect(machine.kexecSignature).toBe('none');
  expect(machine.lockdown).toBe('none');
  const { config, vmcoreinfo } = machine.kernel ?? {};
  expect(machine.kernel).toMatchObject({ release, kexecLoadDisabled: false });
  expect(config).toMatchObject({ KEXEC: 'y', ARM64_4K_PAGES: 'y' });
  expect(vmcoreinfo).toMatchObject({ OSRELEASE: release, PAGESIZE: '4096' });
  expect(vmcoreinfo?.['NUMBER(VA_BITS)']).toBe(config?.ARM64_VA_BITS);

  // /proc/kcore has the virtual addresses of RAM and of the kernel's text.
  const { loads } = parseElfcorehdr(Buffer.from(kcore, 'base64'));
  const { text, linearMap } = machine.crash ?? {};
  const mapped = loads.map(({ virtualAddress, memorySize }) => ({ virtualAddress, memorySize }));
  for (const ram of machine.memory) {
    const virtualAddress = ram.start - (linearMap?.physical ?? 0n) + (linearMap?.virtual ?? 0n);
    expect(mapped).toContainEqual({ virtualAddress, memorySize: size(ram) });
  }
  expect(mapped).toContainEqual({
    virtualAddress: text?.virtual,
    memorySize: (text?.end ?? 0n) - (text?.start ?? 0n),
  });

  const [note = '', ...crashNotes] = notes.trim().split('\n');
  const [address = '', length = ''] = note.split(' ');
  expect(machine.crash?.vmcoreinfo).toEqual(rangeOf(BigInt(address), BigInt(`0x${length}`)));
  expect(machine.crash?.notes.map(({ start }) => start.toString(16))).toEqual(crashNotes);
}
