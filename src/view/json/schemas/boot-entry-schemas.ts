/** Reports about boot entries. */
import * as z from 'zod';
import { refusal } from './shared-schemas.js';

const starts = {
  kernel: z.string(),
  initrds: z.array(z.string()).readonly(),
  commandLine: z.string().optional().meta({ description: 'a UKI has one in it' }),
  deviceTree: z
    .string()
    .optional()
    .meta({ description: 'the one that the entry names; the running one is used' }),
  notes: z.array(z.string()).readonly().optional().meta({ description: 'what kexec does in another way' }),
} as const;

const named = { id: z.string(), title: z.string().optional(), source: z.string() } as const;

/** The entry that a kernel was taken from, with --default or --boot-entry. */
export const bootEntry = z
  .object({
    ...named,
    loader: z.string(),
    reason: z.string().meta({ description: 'why this entry' }),
    ...starts,
  })
  .meta({ id: 'BootEntry', description: 'the entry that the kernel was taken from' });

export const machineEntries = z.object({
  loader: z.string(),
  default: z.union([z.object({ id: z.string(), reason: z.string() }), z.object({ refusal })]),
  entries: z.array(
    z.union([
      z.object({ ...named, version: z.string().optional(), ...starts }),
      z.object({ ...named, version: z.string().optional(), refusal }),
    ]),
  ),
});
