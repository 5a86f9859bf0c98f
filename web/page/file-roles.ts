import type { ChosenFile } from '../jobs/chosen-file.js';
import type { InspectedFile } from '../jobs/inspect-job.js';
import type { OpenedFile } from './opened-file.js';

/** What a file is for others: a kernel and a machine become a plan, certificates become trust. */
export type FileRole = 'kernel' | 'program' | 'initrd' | 'machine' | 'keys' | 'log' | 'dump';

/** The roles of files without a kernel, by the kind that `inspect` names. */
const ROLES: Readonly<Record<string, FileRole>> = {
  initrd: 'initrd',
  'cpio archive': 'initrd',
  'machine file': 'machine',
  'JSON of kexec-file machine': 'machine',
  'certificates in DER': 'keys',
  'PEM file': 'keys',
  'PKCS#7 message': 'keys',
  'EFI signature lists': 'keys',
  'EFI variable': 'keys',
  'update of an EFI variable': 'keys',
  'PE file': 'program',
  'kernel log': 'log',
  'ELF core': 'dump',
  'compressed kdump dump': 'dump',
  'flattened dump': 'dump',
};

/** The files on the page by role, in their order. */
export type FilesByRole = Readonly<Record<FileRole, readonly ChosenFile[]>>;

/** Sorts the files that were inspected by their roles. */
export function sortByRole(files: readonly OpenedFile[]): FilesByRole {
  const sorted: Record<FileRole, ChosenFile[]> = {
    kernel: [],
    program: [],
    initrd: [],
    machine: [],
    keys: [],
    log: [],
    dump: [],
  };
  for (const { chosen, outcome } of files) {
    if (outcome === undefined || !('result' in outcome)) continue;
    const role = findRole(outcome.result);
    if (role !== undefined) sorted[role].push(chosen);
  }
  return sorted;
}

/** A shim is a program with the keys of its vendor. */
function findRole({ kind, hasKernel, facts }: InspectedFile): FileRole | undefined {
  if (hasKernel) return 'kernel';
  return 'vendorCert' in facts ? 'keys' : ROLES[kind];
}
