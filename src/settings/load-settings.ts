import * as z from 'zod';
import { POLICIES } from '../trust/policy.js';
import { choiceField, switchField, textField } from './setting-fields.js';
import { keyringListField, pathListField } from './trust-fields.js';

/** The section `[load]`: how the default kernel is loaded, by `kexec-file load --default` and its service. */
export const LOAD_SETTINGS = z.strictObject({
  entry: textField('the name of a boot entry')
    .optional()
    .describe('The boot entry to load; without it, the default entry of the boot loader.'),
  policy: choiceField(POLICIES).default('enforce').describe('The effect of a signature.'),
  certs: pathListField().default([]).describe('Trusted certificates.'),
  keyrings: keyringListField()
    .default([])
    .describe("Trusted keyrings; without certificates and keyrings, the machine's EFI variables count."),
  dbx: pathListField().default([]).describe('Lists of revoked certificates and kernels.'),
  syscall: choiceField(['auto', 'file', 'segments']).default('auto').describe('The system call.'),
  append: textField('text for the command line')
    .optional()
    .describe('Parameters that are added to the command line of the boot entry.'),
  strict: switchField().default(false).describe('Refuse what the next kernel lacks, instead of warning.'),
});

/** What {@link LOAD_SETTINGS} returns. */
export type LoadSettings = z.output<typeof LOAD_SETTINGS>;
