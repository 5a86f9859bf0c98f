import { formatHeading, formatItalic, formatItem, formatProse } from './roff.mjs';

/** The files that the manual names, and the commands that use them; without `commands`, all of them. */
const FILES = [
  {
    path: '/etc/kexec-file.conf',
    text: 'The settings of the services: kexec-file.conf(5).',
    commands: ['', 'load', 'plan', 'explain', 'kdump'],
  },
  {
    path: '/proc/iomem, /sys/firmware/fdt, /sys/kernel/debug/memblock',
    text: 'RAM, reservations and the device tree of this machine.',
    commands: ['load', 'plan', 'explain', 'doctor', 'machine'],
  },
  {
    path: '/sys/firmware/efi/efivars',
    text: 'The certificates that the firmware trusts and revokes.',
    commands: ['load', 'doctor', 'machine', 'verify'],
  },
  {
    path: '/sys/kernel/kexec_loaded, /sys/kernel/kexec_crash_loaded, /sys/kernel/kexec_crash_size',
    text: 'What is loaded, and the size of the crash region.',
    commands: ['load', 'unload', 'status', 'exec', 'doctor', 'kdump'],
  },
  {
    path: '/proc/vmcore',
    text: 'The memory of the kernel that crashed.',
    commands: ['vmcore', 'crash', 'kdump'],
  },
  { path: '/var/crash', text: 'The dumps that are saved.', commands: ['vmcore', 'kdump'] },
  {
    path: '/bin/busybox',
    text: 'The busybox of a capture initrd, if no other is given.',
    commands: ['crash'],
  },
  { path: '/usr/share/doc/kexec-file', text: 'Documents about each subject.' },
];

/** The files of a command. @param words - `kexec-file`, `vmcore`, `info` */
export function listFiles([, command = '']) {
  return FILES.filter(({ commands }) => commands === undefined || commands.includes(command));
}

/** The section about the files of a command. @param words - as for listFiles() */
export function formatFiles(words) {
  return [
    formatHeading('files'),
    ...listFiles(words).map(({ path, text }) => formatItem(formatItalic(path), formatProse(text))),
  ];
}
