import { type Errno, parseErrno } from '../../base/errno.js';
import { type AuditFields, readAuditFields, toWord } from './audit-fields.js';
import type { Denial } from './denial.js';

/** The system calls of kexec by number, for each `AUDIT_ARCH_*`: include/uapi/asm-generic/unistd.h, syscall_64.tbl. */
const CALLS: Readonly<Record<string, Readonly<Record<string, KexecCall>>>> = {
  c00000b7: { '104': 'kexec_load', '294': 'kexec_file_load', '142': 'reboot' },
  aarch64: { '104': 'kexec_load', '294': 'kexec_file_load', '142': 'reboot' },
  c000003e: { '246': 'kexec_load', '320': 'kexec_file_load', '169': 'reboot' },
  x86_64: { '246': 'kexec_load', '320': 'kexec_file_load', '169': 'reboot' },
};

type KexecCall = 'kexec_load' | 'kexec_file_load' | 'reboot';

const CALL_CHECKS = {
  kexec_load: 'kexec-load',
  kexec_file_load: 'kexec-file-load',
  reboot: 'reboot',
} as const satisfies Readonly<Record<KexecCall, Denial['check']>>;

/** Reads a record of a system call: one that a filter refused (SECCOMP), or one that failed (SYSCALL). */
export function readSystemCallRecord(line: string): Denial | undefined {
  if (/\bSECCOMP\b|\btype=1326\b/.test(line)) return readFiltered(readAuditFields(line));
  return /\btype=SYSCALL\b|\btype=1300\b/.test(line) ? readFailed(readAuditFields(line)) : undefined;
}

function findCall(fields: AuditFields): KexecCall | undefined {
  const number = fields.get('syscall') ?? '';
  const names: readonly string[] = Object.keys(CALL_CHECKS);
  const name = [number, fields.get('SYSCALL') ?? ''].find((text) => names.includes(text));
  return (name as KexecCall | undefined) ?? CALLS[fields.get('arch') ?? '']?.[number];
}

function readFiltered(fields: AuditFields): Denial | undefined {
  const call = findCall(fields);
  if (call === undefined) return undefined;
  return {
    cause: 'seccomp-denial',
    subject: call,
    check: 'live-permission',
    severity: 'stops',
    meaning: `a seccomp filter refused ${call} to ${fields.get('comm') ?? 'the program'}: a container's, or that of a service`,
    cure:
      'run it on the machine itself, outside of the container (docker run --security-opt seccomp=unconfined would also need ' +
      'CAP_SYS_BOOT); for a service, allow the group in its unit: SystemCallFilter=@reboot',
  };
}

function readFailed(fields: AuditFields): Denial | undefined {
  const call = findCall(fields);
  if (call === undefined || fields.get('success') !== 'no') return undefined;
  const errno = parseExit(fields.get('exit') ?? '');
  if (errno === undefined) return undefined;
  return {
    cause: `${call}-failed`,
    subject: '',
    check: CALL_CHECKS[call],
    severity: 'stops',
    meaning: `${call} of ${fields.get('comm') ?? 'a program'} failed`,
    cure: `list the causes of this errno: kexec-file explain --errno ${toWord(errno, 'ERRNO')}`,
    errno,
  };
}

/** `-13`, or `EACCES(Permission denied)` after interpretation. */
function parseExit(exit: string): Errno | undefined {
  return parseErrno(exit.split('(', 1)[0] ?? '');
}
