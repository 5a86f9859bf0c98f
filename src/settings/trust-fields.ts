import type * as z from 'zod';
import { listField, pathField, textField } from './setting-fields.js';

/** A file or folder of certificates, with the keyring's name before it: `platform:/etc/keys/db.pem`. */
const KEYRING = textField(
  'the absolute path of a file or folder, with the name of a keyring before it if needed',
).regex(/^(?:[\w.-]+:)?\//, {
  error:
    'wanted is an absolute path, with the name of a keyring before it if needed: "platform:/etc/keys/db.pem"',
});

/** Paths of certificates, or of lists of what is revoked. */
export function pathListField(): z.ZodArray<z.ZodString> {
  return listField(pathField(), 'paths');
}

/** Keyrings: paths, with the name of a keyring before them if needed. */
export function keyringListField(): z.ZodArray<z.ZodString> {
  return listField(KEYRING, 'paths');
}
