import type { Inspected } from '../../src/inspect/facts.js';

/** What a file is for others: a kernel and a machine become a plan, certificates become trust. */
export type FileRole =
  | 'kernel'
  | 'program'
  | 'initrd'
  | 'machine'
  | 'fleet'
  | 'tree'
  | 'keys'
  | 'ima'
  | 'log'
  | 'dump';

const TAR = 'tar of a collected machine';

/** The roles of files without a kernel, by the kind that `inspect` names. */
const ROLES: Readonly<Record<string, FileRole>> = {
  initrd: 'initrd',
  'cpio archive': 'initrd',
  'machine file': 'machine',
  'JSON of kexec-file machine': 'machine',
  [TAR]: 'machine',
  'device tree': 'tree',
  'certificates in DER': 'keys',
  'PEM file': 'keys',
  'PKCS#7 message': 'keys',
  'EFI signature lists': 'keys',
  'EFI variable': 'keys',
  'update of an EFI variable': 'keys',
  'value of security.ima': 'ima',
  'PE file': 'program',
  'kernel log': 'log',
  'ELF core': 'dump',
  'compressed kdump dump': 'dump',
  'flattened dump': 'dump',
};

/** The role of a file; undefined if it has none. A shim is a program with the keys of its vendor. */
export function findRole({ kind, kernel, facts }: Inspected): FileRole | undefined {
  if (kernel !== undefined) return 'kernel';
  if ('vendorCert' in facts) return 'keys';
  const { contents } = facts;
  const isPackedTar = typeof contents === 'object' && 'kind' in contents && contents.kind === TAR;
  return isPackedTar ? 'machine' : ROLES[kind];
}
