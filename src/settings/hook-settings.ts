import * as z from 'zod';
import { pathField, switchField, textField } from './setting-fields.js';

/** The section `[hooks]`: what happens when a kernel package is installed. */
export const HOOK_SETTINGS = z
  .strictObject({
    preflight: switchField()
      .default(true)
      .describe('Plan the new kernel for this machine, and warn if it would not load.'),
    reload: switchField()
      .default(true)
      .describe('Load the default kernel again, if the service has loaded one.'),
    key: textField('the absolute path of a private key, or a PKCS#11 URI')
      .regex(/^(?:\/|pkcs11:)/, {
        error: 'wanted is the absolute path of a private key, or a PKCS#11 URI: "pkcs11:token=…"',
      })
      .optional()
      .describe('The private key that new kernels are signed with; without it, they stay as they are.'),
    cert: pathField().optional().describe('The certificate of that key.'),
    'passphrase-file': pathField()
      .optional()
      .describe('A file whose first line is the passphrase of the key, or the PIN of the token.'),
  })
  .refine(({ key, cert }) => key === undefined || cert !== undefined, {
    path: ['key'],
    error: 'wanted is its certificate, too: cert = "/…"',
  })
  .refine(({ key, cert }) => cert === undefined || key !== undefined, {
    path: ['cert'],
    error: 'wanted is its private key, too: key = "/…"',
  });

/** What {@link HOOK_SETTINGS} returns. */
export type HookSettings = z.output<typeof HOOK_SETTINGS>;
