import type { CheckTable } from './rule.js';

/** The settings of the installed program. */
export const SETTINGS_CHECKS = {
  settings: {
    rule: 'the settings are TOML with the sections [load], [kdump] and [hooks], and each key has a value of its kind',
    source: 'kexec-file, docs/installed.md',
    errnos: ['EINVAL', 'EFBIG'],
    cure: 'correct the line, or delete it: each key has a default, which docs/installed.md describes',
  },
} as const satisfies CheckTable;
