import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { concatenate } from '../../src/base/bytes.js';
import { type Collected, recordMachine } from '../../src/machine/record.js';
import type { X86Machine } from '../../src/machine/x86-64/x86-machine.js';
import { buildKcoreNotes } from './machine-root.js';

/**
 * What Debian's 6.12.117+deb12-cloud-amd64 showed in QEMU 7.2 (`-M q35 -smp 2`, crashkernel=256M): under SeaBIOS with
 * 2 GiB, under OVMF with 5 GiB. Of the configuration, the lines of the options that are recorded.
 */
export const X86_RECORDINGS = ['x86-64-seabios', 'x86-64-ovmf'] as const;

export type X86Recording = (typeof X86_RECORDINGS)[number];

/** The folder of a recording's collected files. */
export function findX86Recording(name: X86Recording): string {
  return fileURLToPath(new URL(`../machine/data/${name}`, import.meta.url));
}

const BYTES: readonly string[] = ['boot-params', 'kcore-headers'];

/** The collected files of a recording. */
export function readX86Files(name: X86Recording): Collected {
  const folder = findX86Recording(name);
  return Object.fromEntries(
    readdirSync(folder).map((file) => {
      const bytes = new Uint8Array(readFileSync(join(folder, file)));
      return [file, BYTES.includes(file) ? bytes : new TextDecoder().decode(bytes)];
    }),
  );
}

/** The machine of a recording. @param changes - other files instead; undefined for one that was not collected */
export function recordX86(name: X86Recording, changes: Collected = {}): X86Machine {
  const machine = recordMachine(name, { ...readX86Files(name), ...changes });
  if (machine.architecture === 'x86_64') return machine;
  throw new Error(`${name} was recorded as ${machine.architecture}`);
}

/** The files of a recording's machine, by path, as `collectLive()` and the collector find them. */
export function buildX86Root(name: X86Recording): Record<string, string | Uint8Array> {
  const files = readX86Files(name);
  const { release = '', config = '', memmap = '', vmcoreinfo = '' } = files;
  const headers = files['kcore-headers'] ?? new Uint8Array(0);
  const root: Record<string, string | Uint8Array | undefined> = {
    '/proc/iomem': files.iomem,
    '/proc/cmdline': files.cmdline,
    '/proc/meminfo': files.meminfo,
    '/proc/cpuinfo': files.cpuinfo,
    '/proc/sys/kernel/arch': files.arch,
    '/proc/sys/kernel/osrelease': release,
    [`/boot/config-${release.trim()}`]: config,
    // The notes follow the headers, in less room than the headers say.
    '/proc/kcore': concatenate([headers, buildKcoreNotes(vmcoreinfo), new Uint8Array(16384)]),
    '/sys/kernel/security/lockdown': files.lockdown,
    '/proc/sys/kernel/kexec_load_disabled': '0\n',
    '/sys/devices/system/cpu/possible': files['cpu-possible'],
    '/sys/firmware/efi/systab': files['efi-systab'],
    '/sys/firmware/efi/fw_vendor': files['efi-fw-vendor'],
    '/sys/firmware/efi/config_table': files['efi-config-table'],
    '/sys/firmware/efi/fw_platform_size': files['efi-platform-size'],
    '/sys/kernel/boot_params/data': files['boot-params'],
    '/sys/kernel/crash_elfcorehdr_size': files['crash-elfcorehdr-size'],
    '/sys/kernel/vmcoreinfo': files['vmcoreinfo-note'],
    ...listFolders('/sys/firmware/memmap', memmap, ['start', 'end', 'type']),
    ...listFolders('/sys/firmware/efi/runtime-map', files['efi-runtime-map'] ?? '', EFI_FILES),
    ...listFolders('/sys/devices/system/cpu', files['crash-notes'] ?? '', [
      'crash_notes',
      'crash_notes_size',
    ]),
  };
  return Object.fromEntries(
    Object.entries(root).flatMap(([path, content]) => (content === undefined ? [] : [[path, content]])),
  );
}

const EFI_FILES = ['type', 'phys_addr', 'virt_addr', 'num_pages', 'attribute'];

/** The files in the folders of a collected text: the last one has the rest of the line. */
function listFolders(path: string, text: string, names: readonly string[]): Record<string, string> {
  const files: Record<string, string> = {};
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [folder = '', ...words] = line.split(' ');
    const contents = [...words.slice(0, names.length - 1), words.slice(names.length - 1).join(' ')];
    for (const [index, name] of names.entries()) files[`${path}/${folder}/${name}`] = `${contents[index]}\n`;
  }
  return files;
}
