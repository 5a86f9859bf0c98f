import * as z from 'zod';
import { POLICIES } from '../trust/policy.js';
import { choiceField, listField, pathField, switchField, textField } from './setting-fields.js';

/** A file or folder of certificates, with the keyring's name before it: `platform:/etc/keys/db.pem`. */
const KEYRING = textField(
  'the absolute path of a file or folder, with the name of a keyring before it if needed',
).regex(/^(?:[\w.-]+:)?\//, {
  error:
    'wanted is an absolute path, with the name of a keyring before it if needed: "platform:/etc/keys/db.pem"',
});

/** The section `[load]`: how the default kernel is loaded, by `kexec-file load --default` and its service. */
export const LOAD_SETTINGS = z.strictObject({
  /** The boot entry to load; undefined for the default entry of the boot loader. */
  entry: textField('the name of a boot entry').optional(),
  /** The effect of a signature. */
  policy: choiceField(POLICIES).default('enforce'),
  /** Trusted certificates. */
  certs: listField(pathField(), 'paths').default([]),
  /** Trusted keyrings; without certificates and keyrings, the machine's EFI variables count. */
  keyrings: listField(KEYRING, 'paths').default([]),
  /** Lists of revoked certificates and kernels. */
  dbx: listField(pathField(), 'paths').default([]),
  /** The system call. */
  syscall: choiceField(['auto', 'file', 'segments']).default('auto'),
  /** Parameters that are added to the command line of the boot entry. */
  append: textField('text for the command line').optional(),
  /** Refuse what the next kernel lacks, instead of warning. */
  strict: switchField().default(false),
});

/** What {@link LOAD_SETTINGS} returns. */
export type LoadSettings = z.output<typeof LOAD_SETTINGS>;
