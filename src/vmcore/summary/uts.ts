import { decodeLatin1 } from '../../base/bytes.js';
import type { VirtualMemory } from '../address/virtual-memory.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';

/** struct new_utsname: six texts of this many bytes. */
const UTS_FIELD_SIZE = 65;
const UTS_NAMES = ['sysname', 'nodename', 'release', 'version', 'machine', 'domainname'] as const;

/** What uname(2) of the crashed kernel returned. */
export type Uts = Readonly<Record<(typeof UTS_NAMES)[number], string>>;

/** Reads uname(2) of the crashed kernel. @throws KexecError, if memory or VMCOREINFO lack it. */
export function readUts({
  virtual,
  vmcoreinfo,
}: {
  readonly virtual: VirtualMemory;
  readonly vmcoreinfo: VmcoreinfoFacts;
}): Uts {
  const address =
    vmcoreinfo.needSymbol('init_uts_ns') + BigInt(vmcoreinfo.needSmall('OFFSET(uts_namespace.name)'));
  const bytes = virtual.read(address, UTS_NAMES.length * UTS_FIELD_SIZE);
  const field = (index: number): string =>
    decodeLatin1(bytes, index * UTS_FIELD_SIZE, (index + 1) * UTS_FIELD_SIZE).replace(/\0.*$/s, '');
  return Object.fromEntries(UTS_NAMES.map((name, index) => [name, field(index)])) as Uts;
}
