import { attemptAsync, type Errno, KexecError } from '../../../base/error.js';
import { hex } from '../../../base/u64.js';
import { FILE_LOAD_ERRNOS } from '../../../kexec/call-errnos.js';
import type { KimageType } from '../../../kexec/kimage.js';
import { buildCallError } from './call-error.js';
import { openLibc } from './libc.js';
import { findPermissionFault, readPermissionFacts } from './permission.js';

/** Flags of kexec_file_load(2): `KEXEC_FILE_*` of `include/uapi/linux/kexec.h`. */
const FLAGS = { unload: 1, onCrash: 2, noInitramfs: 4, debug: 8, noCma: 0x10 } as const;

/** A flag that no kernel has. */
const UNKNOWN_FLAG = 1 << 30;

const NO_FILE = -1;

/** What kexec_file_load(2) loads. */
export interface FileLoad {
  /** Descriptors of open, regular files. The kernel reads them from the start. */
  readonly kernel: number;
  readonly initrd?: number | undefined;
  readonly commandLine?: string | undefined;
  readonly type: KimageType;
  /** Whether the kernel logs where it puts everything. EINVAL before Linux 6.8. */
  readonly debug?: boolean | undefined;
  /** Whether segments stay out of the CMA area. EINVAL before Linux 6.17. */
  readonly noCma?: boolean | undefined;
}

/**
 * Makes the system call kexec_file_load(2): the kernel reads, verifies and places a kernel and an initrd.
 *
 * If it refuses, the kernel that was loaded before stays loaded; but it frees a crash kernel before it loads the next.
 *
 * @throws KexecError with the kernel's errno; `live-platform` on other systems than Linux on arm64 and x86_64.
 */
export async function callKexecFileLoad({
  kernel,
  initrd,
  commandLine,
  type,
  debug,
  noCma,
}: FileLoad): Promise<void> {
  const flags =
    (type === 'crash' ? FLAGS.onCrash : 0) |
    (initrd === undefined ? FLAGS.noInitramfs : 0) |
    (debug === true ? FLAGS.debug : 0) |
    (noCma === true ? FLAGS.noCma : 0);
  await call(kernel, initrd ?? NO_FILE, commandLine, flags);
}

/** Unloads the kernel of a type, if one is loaded. @throws KexecError as {@link callKexecFileLoad}. */
export async function callKexecFileUnload(type: KimageType): Promise<void> {
  await call(NO_FILE, NO_FILE, undefined, FLAGS.unload | (type === 'crash' ? FLAGS.onCrash : 0));
}

/**
 * Probes for kexec_file_load(2) with a flag that no kernel knows. The kernel answers ENOSYS if it lacks the call, EPERM
 * if calls are not permitted, and else EINVAL before it reads anything.
 *
 * As every call, a probe counts against the limit of its type, `kernel.kexec_load_limit_*`, if that is set.
 *
 * @returns whether the kernel has the call, or the error if calls are not permitted
 */
export async function probeKexecFileLoad(type: KimageType): Promise<boolean | KexecError> {
  const flags = UNKNOWN_FLAG | (type === 'crash' ? FLAGS.onCrash : 0);
  const answer = await attemptAsync(() => call(NO_FILE, NO_FILE, undefined, flags));
  if (!(answer instanceof KexecError)) return true;
  if (answer.errno === 'ENOSYS') return false;
  return answer.errno === 'EPERM' ? answer : true;
}

/**
 * Probes for the flag KEXEC_FILE_NO_CMA, with no file: a kernel that does not know it answers EINVAL before it looks for the
 * files, and one that knows it does not find them, which is EBADF, or is busy. The probe counts as
 * {@link probeKexecFileLoad}.
 */
export async function probeNoCmaFlag(): Promise<boolean> {
  const answer = await attemptAsync(() => call(NO_FILE, NO_FILE, undefined, FLAGS.noCma | FLAGS.noInitramfs));
  return answer instanceof KexecError && ['EBADF', 'EBUSY'].includes(answer.errno);
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
  if (result < 0) throw buildFileLoadError({ kernel, initrd, commandLine, flags }, -result);
}

/** The arguments of a call. */
export interface FileLoadArguments {
  readonly kernel: number;
  readonly initrd: number;
  readonly commandLine: string | undefined;
  readonly flags: number;
}

/** Builds the error of a call of kexec_file_load(2). @param number - the errno */
export function buildFileLoadError(
  { kernel, initrd, commandLine, flags }: FileLoadArguments,
  number: number,
): KexecError {
  const length = commandLine === undefined ? 0 : new TextEncoder().encode(commandLine).length + 1;
  const text =
    `kexec_file_load(kernel_fd=${kernel}, initrd_fd=${initrd}, cmdline_len=${length}, ` +
    `cmdline=${commandLine === undefined ? 'NULL' : JSON.stringify(commandLine)}, flags=${hex(flags)})`;
  const type = (flags & FLAGS.onCrash) === 0 ? 'default' : 'crash';
  const findCause = (errno: Errno): string | undefined =>
    errno === 'EPERM' ? findFileLoadFault(type) : undefined;
  return buildCallError({ check: 'kexec-file-load', text, meanings: FILE_LOAD_ERRNOS, findCause }, number);
}

function findFileLoadFault(type: KimageType): string | undefined {
  const facts = readPermissionFacts();
  const fault = findPermissionFault(facts, type);
  if (fault !== undefined || facts.lockdown === undefined || facts.lockdown === 'none') return fault;
  return `lockdown is ${facts.lockdown}: this kernel loads a kernel only if its own keyrings trust the signature`;
}
