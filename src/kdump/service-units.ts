import { KDUMP_UNITS } from '../machine/kdump-tools.js';

/** The unit that saves the dump in the capture kernel, and then restarts the machine. */
export const SAVE_UNIT = 'kexec-file-kdump-save.service';

/** The unit that keeps a crash kernel loaded. */
export const LOAD_UNIT = 'kexec-file-kdump.service';

/** Units of other programs that load a crash kernel. */
export const OTHER_LOAD_UNITS = KDUMP_UNITS.filter((unit) => unit !== LOAD_UNIT);

/** Where systemd looks for units that packages and administrators install, in its order (systemd.unit(5)). */
export const UNIT_FOLDERS = [
  '/etc/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
] as const;
