/** Reports about the kdump service. */
import * as z from 'zod';
import { count, hexNumber } from './shared-schemas.js';

const file = z.object({ path: z.string(), size: count, sha256: z.string() });

/** The crash kernel that the service has loaded. */
const loadedCrashKernel = z.object({
  time: z.string().meta({ description: 'when it was loaded, in ISO 8601' }),
  release: z.string().optional(),
  kernel: file,
  initrd: file.optional(),
  commandLine: z.string(),
  policy: z.string(),
  syscall: z.enum(['file', 'segments']),
  layout: z.string().meta({ description: 'SHA-256 of the CPUs and the RAM in its ELF core header' }),
});

const severity = z.enum(['stops', 'warns']);

/** What is done with a dump. */
const savesTo = z.object({
  path: z.string(),
  filter: z.string(),
  compress: z.enum(['zlib', 'lzo', 'snappy', 'zstd', 'none']),
  after: z.enum(['reboot', 'poweroff', 'shell']),
  keep: count.meta({ description: 'how many dumps stay; 0: all' }),
});

export const kdumpStatus = z.object({
  captures: z.boolean().meta({ description: 'whether a crash would be captured' }),
  reserved: hexNumber.meta({ description: 'size of the crash region; 0x0 without one' }),
  isLoaded: z.boolean(),
  loaded: loadedCrashKernel.optional().meta({ description: 'absent if another program loaded it' }),
  saves: savesTo,
  elsewhere: z
    .array(z.string())
    .readonly()
    .optional()
    .meta({ description: 'what another program would save, if the loaded crash kernel is of one' }),
  free: hexNumber.optional().meta({ description: 'room in the folder of dumps' }),
  estimate: z
    .object({ memory: hexNumber, atMost: hexNumber })
    .optional()
    .meta({ description: 'all memory of a dump, and what the filter leaves of it, before compression' }),
  problems: z.array(z.object({ severity, what: z.string(), cure: z.string().optional() })),
});

export const kdumpShow = z.object({
  settings: z.string().meta({ description: 'the settings file' }),
  kernel: z.string(),
  initrd: z.string().optional(),
  commandLine: z.string(),
  saves: savesTo,
  load: z.array(z.string()).meta({ description: 'the command that loads the same, word by word' }),
});

export const kdumpTest = z.object({
  captures: z.boolean(),
  steps: z.array(
    z.object({
      part: z.string(),
      verdict: z.enum(['fine', 'warns', 'stops', 'unknown']),
      detail: z.string(),
      cure: z.string().optional(),
    }),
  ),
});

export const kdumpReload = z.object({
  action: z.enum(['loaded', 'kept']),
  reasons: z.array(z.string()).meta({ description: 'why it was loaded' }),
  loaded: loadedCrashKernel,
});

export const kdumpSave = z.object({
  folder: z.string(),
  size: count.optional().meta({ description: 'of the dump; absent if there is none' }),
  hasLog: z.boolean(),
  release: z.string().optional(),
  panic: z.string().optional(),
  problems: z.array(z.string()),
});
