/** The unit that saves the dump in the capture kernel, and then restarts the machine. */
export const SAVE_UNIT = 'kexec-file-kdump-save.service';

/** The unit that keeps a crash kernel loaded. */
export const LOAD_UNIT = 'kexec-file-kdump.service';

/** Units of other programs that load a crash kernel: kdump-tools (Debian, Ubuntu), kdump-utils (Fedora, RHEL, SUSE). */
export const OTHER_LOAD_UNITS = ['kdump-tools.service', 'kdump.service'] as const;

/** Where systemd looks for units that packages and administrators install, in its order (systemd.unit(5)). */
export const UNIT_FOLDERS = [
  '/etc/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
] as const;
