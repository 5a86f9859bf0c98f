import * as z from 'zod';
import { POLICIES } from '../trust/policy.js';
import { parseFilter } from '../vmcore/save/filter.js';
import { choiceField, listField, pathField, textField } from './setting-fields.js';
import { keyringListField, pathListField } from './trust-fields.js';

/** Parameters that the capture kernel needs more of. */
const PARAMETERS = 'parameters of the kernel, separated by spaces';

/** The section `[kdump]`: the crash kernel, and what it does with the dump. */
export const KDUMP_SETTINGS = z.strictObject({
  /** The crash kernel; undefined for the running kernel's file. */
  kernel: pathField().optional(),
  /** Its initrd; undefined for the running kernel's initrd. */
  initrd: pathField().optional(),
  /** Parameters that are added to the capture kernel's command line. */
  append: textField(PARAMETERS).optional(),
  /** Names of parameters that the capture kernel does not get. */
  remove: listField(
    textField('the name of a parameter').regex(/^[^\s=]+$/, {
      error: 'wanted is the name of a parameter, without = and spaces: "irqpoll"',
    }),
    'names',
  ).default([]),
  /** The effect of a signature; undefined for that of `[load]`, as for the four that follow. */
  policy: choiceField(POLICIES).optional(),
  /** Trusted certificates. */
  certs: pathListField().optional(),
  /** Trusted keyrings. */
  keyrings: keyringListField().optional(),
  /** Lists of revoked certificates and kernels. */
  dbx: pathListField().optional(),
  /** The system call. */
  syscall: choiceField(['auto', 'file', 'segments']).optional(),
  /** The folder that dumps are saved in. */
  path: pathField().default('/var/crash'),
  /** Pages to leave out of a dump, as `vmcore save --filter` takes them. */
  filter: textField('names of page kinds, separated by commas, or a sum of their numbers')
    .refine((text) => parseFilter(text) !== undefined, {
      error: 'wanted is "all", "none", a number from 0 to 31, or names such as "zero,free"',
    })
    .default('all'),
  /** Compression of the pages in a dump. */
  compress: choiceField(['zlib', 'zstd', 'none']).default('zlib'),
  /** What the capture kernel does at its end, whether the dump was saved or not. */
  after: choiceField(['reboot', 'poweroff', 'shell']).default('reboot'),
  /** How many dumps stay in the folder; older ones are deleted once a new one is saved. 0 keeps all. */
  keep: z
    .int({ error: 'wanted is a whole number of dumps; 0 keeps all' })
    .min(0, { error: 'wanted is a number of dumps of at least 0; 0 keeps all' })
    .default(0),
});

/** What {@link KDUMP_SETTINGS} returns. */
export type KdumpSettings = z.output<typeof KDUMP_SETTINGS>;
