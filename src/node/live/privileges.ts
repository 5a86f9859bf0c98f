import { join } from 'node:path';
import type { LiveFacts } from '../../doctor/intended-load.js';
import { readTextIfAny } from '../files/read-file.js';

/** The only mapping of the first user namespace: every id is itself (user_namespaces(7)). */
const IDENTITY = /^\s*0\s+0\s+4294967295\s*$/;

/** `SECCOMP_MODE_FILTER` of `include/uapi/linux/seccomp.h`. */
const SECCOMP_MODE_FILTER = '2';

/**
 * Reads what this process may do about kexec, and what is loaded already.
 *
 * @param root - the root of the file system; a folder in a test
 * @returns the facts, without those that cannot be read
 */
export function readPrivileges(root = '/'): LiveFacts {
  const status = readTextIfAny(join(root, 'proc/self/status')) ?? '';
  const capabilities = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1];
  const seccomp = /^Seccomp:\s*(\d)$/m.exec(status)?.[1];
  const uidMap = readTextIfAny(join(root, 'proc/self/uid_map'));
  const label = readTextIfAny(join(root, 'proc/self/attr/current'))?.replace(/[\0\n]+$/, '');
  const loaded = readKexecFact(root, 'loaded');
  const crashLoaded = readKexecFact(root, 'crash_loaded');
  return {
    ...(capabilities === undefined ? {} : { capabilities: BigInt(`0x${capabilities}`) }),
    ...(uidMap === undefined ? {} : { isFirstUserNamespace: IDENTITY.test(uidMap) }),
    ...(seccomp === undefined ? {} : { hasSeccompFilter: seccomp === SECCOMP_MODE_FILTER }),
    ...(label === undefined || label === '' ? {} : { securityLabel: label }),
    ...(loaded === undefined ? {} : { loaded: isSet(loaded) }),
    ...(crashLoaded === undefined ? {} : { crashLoaded: isSet(crashLoaded) }),
  };
}

/** A file of `/sys/kernel/kexec`, or, of older kernels, with its older name. */
function readKexecFact(root: string, name: string): string | undefined {
  const folder = join(root, 'sys/kernel');
  return readTextIfAny(join(folder, 'kexec', name)) ?? readTextIfAny(join(folder, `kexec_${name}`));
}

/**
 * Reads whether the running kernel has kexec_file_load(2), without making the call: in a kernel that was built without
 * it, its symbol in `/proc/kallsyms` is weak (`COND_SYSCALL()`).
 *
 * @param root - as for {@link readPrivileges}
 * @returns undefined if that cannot be read
 */
export function readHasKexecFileLoad(root = '/'): boolean | undefined {
  const type = / (\w) __(?:arm64|x64)_sys_kexec_file_load$/m.exec(
    readTextIfAny(join(root, 'proc/kallsyms')) ?? '',
  )?.[1];
  return type === undefined ? undefined : type !== 'W' && type !== 'w';
}

function isSet(text: string): boolean {
  return text.trim() !== '0';
}
