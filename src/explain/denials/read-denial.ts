import { readApparmorDenial } from './apparmor.js';
import type { Denial, DenialReader } from './denial.js';
import { readImaDenial } from './ima-denial.js';
import { readIpeDenial } from './ipe.js';
import { readSelinuxDenial } from './selinux.js';
import { readSystemCallRecord } from './system-call-record.js';

const READERS: readonly DenialReader[] = [
  readSelinuxDenial,
  readApparmorDenial,
  readImaDenial,
  readIpeDenial,
  readSystemCallRecord,
];

/** What every record that a reader takes contains. Most lines of a log have nothing of it. */
const MARK = /avc: |apparmor=|cause=|ipe_op=|SECCOMP|type=1326|type=SYSCALL|type=1300|SELinux is preventing/;

/** Reads a record of a denial that is about kexec or kdump. @returns undefined for any other line */
export function readDenial(line: string): Denial | undefined {
  if (!MARK.test(line)) return undefined;
  for (const read of READERS) {
    const denial = read(line);
    if (denial !== undefined) return denial;
  }
  return undefined;
}
