import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type CrashRecord, parseCrashRecord } from '../../kdump/crash-record.js';
import { tryAccess } from '../files/access-error.js';
import { readTextIfAny } from '../files/read-file.js';
import { writeFile } from '../files/write-file.js';
import { CRASH_RECORD_PATH } from '../live/forget-crash-record.js';

/**
 * Reads what `kexec-file kdump reload` loaded last. Whether it is still loaded, the kernel alone knows.
 *
 * @returns undefined if nothing was, or something else has been loaded or unloaded since by kexec-file
 */
export function readCrashRecord(path = CRASH_RECORD_PATH): CrashRecord | undefined {
  const text = readTextIfAny(path);
  return text === undefined ? undefined : parseCrashRecord(text);
}

/** Writes what was loaded. @throws KexecError `file-access`, with the system's errno. */
export async function writeCrashRecord(record: CrashRecord, path = CRASH_RECORD_PATH): Promise<void> {
  tryAccess(`cannot make ${dirname(path)}`, () => mkdirSync(dirname(path), { recursive: true }));
  const text = `${JSON.stringify(record, undefined, 2)}\n`;
  await writeFile(path, [new TextEncoder().encode(text)], { overwrite: true });
}
