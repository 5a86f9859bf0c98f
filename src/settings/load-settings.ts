import * as z from 'zod';
import { POLICIES } from '../trust/policy.js';
import { choiceField, switchField, textField } from './setting-fields.js';
import { keyringListField, pathListField } from './trust-fields.js';

/** The section `[load]`: how the default kernel is loaded, by `kexec-file load --default` and its service. */
export const LOAD_SETTINGS = z.strictObject({
  /** The boot entry to load; undefined for the default entry of the boot loader. */
  entry: textField('the name of a boot entry').optional(),
  /** The effect of a signature. */
  policy: choiceField(POLICIES).default('enforce'),
  /** Trusted certificates. */
  certs: pathListField().default([]),
  /** Trusted keyrings; without certificates and keyrings, the machine's EFI variables count. */
  keyrings: keyringListField().default([]),
  /** Lists of revoked certificates and kernels. */
  dbx: pathListField().default([]),
  /** The system call. */
  syscall: choiceField(['auto', 'file', 'segments']).default('auto'),
  /** Parameters that are added to the command line of the boot entry. */
  append: textField('text for the command line').optional(),
  /** Refuse what the next kernel lacks, instead of warning. */
  strict: switchField().default(false),
});

/** What {@link LOAD_SETTINGS} returns. */
export type LoadSettings = z.output<typeof LOAD_SETTINGS>;
