import * as z from 'zod';
import { POLICIES } from '../trust/policy.js';
import { parseFilter } from '../vmcore/save/filter.js';
import { choiceField, listField, pathField, textField } from './setting-fields.js';
import { keyringListField, pathListField } from './trust-fields.js';

/** Parameters that the capture kernel needs more of. */
const PARAMETERS = 'parameters of the kernel, separated by spaces';

/** The section `[kdump]`: the crash kernel, and what it does with the dump. */
export const KDUMP_SETTINGS = z.strictObject({
  kernel: pathField().optional().describe("The crash kernel; without it, the running kernel's file."),
  initrd: pathField().optional().describe("Its initrd; without it, the running kernel's initrd."),
  append: textField(PARAMETERS)
    .optional()
    .describe("Parameters that are added to the capture kernel's command line."),
  remove: listField(
    textField('the name of a parameter').regex(/^[^\s=]+$/, {
      error: 'wanted is the name of a parameter, without = and spaces: "irqpoll"',
    }),
    'names',
  )
    .default([])
    .describe('Names of parameters that the capture kernel does not get.'),
  policy: choiceField(POLICIES).optional().describe('The effect of a signature; without it, that of [load].'),
  certs: pathListField().optional().describe('Trusted certificates; without it, those of [load].'),
  keyrings: keyringListField().optional().describe('Trusted keyrings; without it, those of [load].'),
  dbx: pathListField()
    .optional()
    .describe('Lists of revoked certificates and kernels; without it, those of [load].'),
  syscall: choiceField(['auto', 'file', 'segments'])
    .optional()
    .describe('The system call; without it, that of [load].'),
  path: pathField().default('/var/crash').describe('The folder that dumps are saved in.'),
  filter: textField('names of page kinds, separated by commas, or a sum of their numbers')
    .refine((text) => parseFilter(text) !== undefined, {
      error: 'wanted is "all", "none", a number from 0 to 31, or names such as "zero,free"',
    })
    .default('all')
    .describe('Pages to leave out of a dump, as vmcore save --filter takes them.'),
  compress: choiceField(['zlib', 'lzo', 'snappy', 'zstd', 'none'])
    .default('zlib')
    .describe('Compression of the pages in a dump.'),
  after: choiceField(['reboot', 'poweroff', 'shell'])
    .default('reboot')
    .describe('What the capture kernel does at its end, whether the dump was saved or not.'),
  keep: z
    .int({ error: 'wanted is a whole number of dumps; 0 keeps all' })
    .min(0, { error: 'wanted is a number of dumps of at least 0; 0 keeps all' })
    .default(0)
    .describe(
      'How many dumps stay in the folder; older ones are deleted once a new one is saved. 0 keeps all.',
    ),
});

/** What {@link KDUMP_SETTINGS} returns. */
export type KdumpSettings = z.output<typeof KDUMP_SETTINGS>;
