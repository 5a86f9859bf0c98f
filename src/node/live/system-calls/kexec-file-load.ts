import type { Errno, KexecError } from '../../../base/error.js';
import { hex } from '../../../base/u64.js';
import { FILE_LOAD_ERRNOS } from '../../../kexec/call-errnos.js';
import type { KimageType } from '../../../kexec/kimage.js';
import { callError } from './call-error.js';
import { openLibc } from './libc.js';
import { permissionFault, readPermissionFacts } from './permission.js';

/** Flags of kexec_file_load(2): `KEXEC_FILE_*` of `include/uapi/linux/kexec.h`. */
const FLAGS = { unload: 1, onCrash: 2, noInitramfs: 4, debug: 8 } as const;

/** A flag that no kernel has. */
const UNKNOWN_FLAG = 1 << 30;

const NO_FILE = -1;

/** What kexec_file_load(2) takes. */
export interface FileLoad {
  /** Descriptors of open, regular files; the kernel reads them from their start. */
  readonly kernel: number;
  readonly initrd?: number | undefined;
  readonly commandLine?: string | undefined;
  readonly type: KimageType;
  /** The kernel logs where everything went; since Linux 6.8, before that EINVAL. */
  readonly debug?: boolean | undefined;
}

/**
 * kexec_file_load(2): hands a kernel and an initrd to the kernel as files; it verifies and places them.
 *
 * What was loaded before stays if it refuses; not so for a crash kernel, for which it makes room first.
 *
 * @throws KexecError with the kernel's errno; `live-platform` where there is no such call.
 */
export async function kexecFileLoadCall({
  kernel,
  initrd,
  commandLine,
  type,
  debug,
}: FileLoad): Promise<void> {
  const flags =
    (type === 'crash' ? FLAGS.onCrash : 0) |
    (initrd === undefined ? FLAGS.noInitramfs : 0) |
    (debug === true ? FLAGS.debug : 0);
  await call(kernel, initrd ?? NO_FILE, commandLine, flags);
}

/** Drops the loaded kernel of a type, if there is one. @throws KexecError as {@link kexecFileLoadCall}. */
export async function kexecFileUnload(type: KimageType): Promise<void> {
  await call(NO_FILE, NO_FILE, undefined, FLAGS.unload | (type === 'crash' ? FLAGS.onCrash : 0));
}

/**
 * Asks the kernel for kexec_file_load(2) without doing anything: with a flag that no kernel has, which is EINVAL before
 * anything is looked at, or EPERM before that, or ENOSYS.
 *
 * As any call, it counts against the limit of its type, `kernel.kexec_load_limit_*`, if that is set.
 *
 * @returns whether the kernel has the call, or the error that says that it may not be made.
 */
export async function probeKexecFileLoad(type: KimageType): Promise<boolean | KexecError> {
  try {
    await call(NO_FILE, NO_FILE, undefined, UNKNOWN_FLAG | (type === 'crash' ? FLAGS.onCrash : 0));
    return true;
  } catch (error) {
    const { errno } = error as KexecError;
    if (errno === 'ENOSYS') return false;
    return errno === 'EPERM' ? (error as KexecError) : true;
  }
}

async function call(
  kernel: number,
  initrd: number,
  commandLine: string | undefined,
  flags: number,
): Promise<void> {
  const libc = await openLibc();
  const text = commandLine === undefined ? undefined : new TextEncoder().encode(`${commandLine}\0`);
  const result = libc.call(
    'kexec_file_load',
    ['int', 'int', 'unsigned long', 'const void *', 'unsigned long'],
    [kernel, initrd, text?.length ?? 0, text ?? null, flags],
  );
  if (result < 0) throw kexecFileLoadError({ kernel, initrd, commandLine, flags }, -result);
}

/** The arguments of a call. */
export interface FileLoadArguments {
  readonly kernel: number;
  readonly initrd: number;
  readonly commandLine: string | undefined;
  readonly flags: number;
}

/** The error of a call of kexec_file_load(2), told. */
export function kexecFileLoadError(
  { kernel, initrd, commandLine, flags }: FileLoadArguments,
  number: number,
): KexecError {
  const length = commandLine === undefined ? 0 : new TextEncoder().encode(commandLine).length + 1;
  const text =
    `kexec_file_load(kernel_fd=${kernel}, initrd_fd=${initrd}, cmdline_len=${length}, ` +
    `cmdline=${commandLine === undefined ? 'NULL' : JSON.stringify(commandLine)}, flags=${hex(flags)})`;
  const type = (flags & FLAGS.onCrash) === 0 ? 'default' : 'crash';
  const findCause = (errno: Errno): string | undefined =>
    errno === 'EPERM' ? findPermissionFault(type) : undefined;
  return callError({ check: 'kexec-file-load', text, meanings: FILE_LOAD_ERRNOS, findCause }, number);
}

function findPermissionFault(type: KimageType): string | undefined {
  const facts = readPermissionFacts();
  const fault = permissionFault(facts, type);
  if (fault !== undefined || facts.lockdown === undefined || facts.lockdown === 'none') return fault;
  return `lockdown is ${facts.lockdown}: this kernel takes a kernel only if its own keyrings trust the signature`;
}
