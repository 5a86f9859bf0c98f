import type { CheckTable } from './rule.js';

/** The kdump service: what it loads before a crash, and what it saves after one. */
export const KDUMP_CHECKS = {
  'kdump-files': {
    rule: "the service loads the running kernel's own file and initrd, or those that [kdump] names",
    source: 'kexec-file',
    errnos: ['ENOENT'],
    cure: 'install the files of the running kernel again, or name others in /etc/kexec-file.conf: [kdump] kernel = "/…", initrd = "/…"',
  },
  'kdump-unit': {
    rule: 'the capture kernel boots the root file system, where systemd starts kexec-file-kdump-save.service',
    source: 'kexec-file',
    errnos: ['ENOENT'],
    cure: 'install the Debian package of kexec-file; without systemd, build an initrd that saves by itself (kexec-file crash initrd), and name it in /etc/kexec-file.conf: [kdump] initrd = "/…"',
  },
  'kdump-target': {
    rule: 'dumps are saved in a folder on a disk that can be written to and has room',
    source: 'kexec-file',
    errnos: ['ENOTDIR', 'EROFS', 'EACCES', 'ENOSPC', 'EINVAL'],
    cure: 'name another folder in /etc/kexec-file.conf: [kdump] path = "/…"',
  },
  'kdump-save': {
    rule: 'a dump is saved by the kernel that a crash has started, which has the memory of the other in /proc/vmcore',
    source: 'Documentation/admin-guide/kdump/kdump.rst',
    errnos: ['ENOENT'],
    cure: 'nothing, if the machine was booted normally: kexec-file kdump status tells whether a crash would be captured',
  },
  'kdump-crash': {
    rule: 'a crash on purpose starts a loaded crash kernel, which saves the dump; without one, the machine would restart or stop',
    source: 'Documentation/admin-guide/sysrq.rst',
    errnos: ['ENOENT', 'EIO'],
    cure: 'load the crash kernel: kexec-file kdump reload; kexec-file kdump test says what keeps it from being loaded',
  },
  'kdump-end': {
    rule: 'systemd restarts the machine, powers it off or starts a shell when the dump is saved',
    source: 'systemctl(1)',
    errnos: ['EIO'],
    cure: 'restart the machine by hand; [kdump] after in /etc/kexec-file.conf says what to do at the end',
  },
} as const satisfies CheckTable;
