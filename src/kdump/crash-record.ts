import * as z from 'zod';

const FILE = z.object({ path: z.string(), size: z.int().min(0), sha256: z.string() });

const RECORD = z.object({
  /** When it was loaded, in ISO 8601. */
  time: z.string(),
  /** Its release; undefined if its bytes do not contain it. */
  release: z.string().optional(),
  kernel: FILE,
  initrd: FILE.optional(),
  commandLine: z.string(),
  policy: z.string(),
  syscall: z.enum(['file', 'segments']),
  /** SHA-256 of the CPUs and the RAM that its ELF core header lists. */
  layout: z.string(),
});

/** The crash kernel that the service has loaded. The kernel itself reports only that there is one. */
export type CrashRecord = Readonly<z.output<typeof RECORD>>;

/** What a crash kernel depends on, as far as the files on the disk and the machine say it. */
export type WantedCrashKernel = Omit<CrashRecord, 'time' | 'release' | 'syscall'>;

/** Parses a record. @returns undefined if it is none, or of another version */
export function parseCrashRecord(text: string): CrashRecord | undefined {
  try {
    return RECORD.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * Lists what differs between the loaded crash kernel and the one that is wanted.
 *
 * @param record - undefined if another program loaded it
 */
export function listChanges(record: CrashRecord | undefined, wanted: WantedCrashKernel): string[] {
  if (record === undefined) return ['another program loaded the crash kernel'];
  const { kernel, initrd, commandLine, policy, layout } = record;
  return [
    ...(kernel.sha256 === wanted.kernel.sha256 ? [] : ['the kernel has changed']),
    ...(initrd?.sha256 === wanted.initrd?.sha256 ? [] : ['the initrd has changed']),
    ...(commandLine === wanted.commandLine ? [] : ['the command line has changed']),
    ...(policy === wanted.policy ? [] : ['the policy for signatures has changed']),
    ...(layout === wanted.layout ? [] : ["the machine's CPUs or memory have changed"]),
  ];
}
