import { encodeLatin1, equalBytes } from '../base/bytes.js';
import { type Compression, detectCompression } from './compression/compression-names.js';

/** A file that contains the memory of a machine in a form that is not read here, or that contains a dump. */
export interface ForeignDump {
  /** For a sentence: "a guest that libvirt saved". */
  readonly name: string;
  /** What to do. */
  readonly cure: string;
}

interface Kind extends ForeignDump {
  /** Its first bytes, at the offset {@link at}. */
  readonly magic: Uint8Array;
  readonly at?: number;
}

/** How many bytes of a file {@link nameForeignDump} looks at. */
export const FOREIGN_DUMP_BYTES = 512;

const LIBVIRT_DUMP = 'virsh dump --memory-only --format elf GUEST vmcore';
const CRASH_READS = 'read it with crash(8): crash vmlinux FILE';

/** The magics are those of the sources or documents that the comments name. */
const KINDS: readonly Kind[] = [
  // libvirt, src/qemu/qemu_saveimage.h; "Part" while it is written.
  kind('LibvirtQemudSave', 'a guest that libvirt saved (virsh save, managedsave)', {
    cure: `restore the guest (virsh restore FILE), then dump its memory: ${LIBVIRT_DUMP}`,
  }),
  kind('LibvirtQemudPart', 'a guest that libvirt did not finish to save (virsh save)', {
    cure: `dump the memory of the guest while it runs: ${LIBVIRT_DUMP}`,
  }),
  // QEMU, migration/qemu-file.h.
  kind('QEVM', "QEMU's migration stream (savevm, migrate, virsh dump without --memory-only)", {
    cure: `dump the memory as ELF: ${LIBVIRT_DUMP}, or dump-guest-memory in QEMU's monitor`,
  }),
  // QEMU, docs/interop/qcow2.rst.
  kind('QFI\xfb', 'a qcow2 disk image', {
    cure: `copy the dump out of it (guestfish --ro -a FILE -i, in /var/crash); a snapshot's memory in it is no dump: ${LIBVIRT_DUMP}`,
  }),
  // LiME and AVML, https://github.com/504ensicsLabs/LiME/blob/master/doc/README.md: ranges with 32-byte headers.
  kind('EMiL', 'a memory image of LiME', { cure: lime() }),
  kind('AVML', 'a memory image of AVML (LiME, version 2)', { cure: lime('avml-convert FILE raw.lime; ') }),
  // Red Hat's diskdump: the signatures of its dumps and of its partition.
  kind('diskdump', 'a dump partition of the diskdump facility of Linux 2.4 and 2.6', { cure: CRASH_READS }),
  kind('DISKDUMP', 'a dump of the diskdump facility of Linux 2.4 and 2.6', { cure: CRASH_READS }),
  // makedumpfile, sadump_mod.h: SADUMP_SIGNATURE1 and 2.
  kind('sadump\0\0', 'a dump of sadump, the stand-alone dump of a Fujitsu machine', {
    cure: 'convert it: makedumpfile -c -d 31 -x vmlinux FILE vmcore; or read it with crash(8)',
  }),
  // VMware, as crash's vmware_vmss.h has it.
  ...['\xd0\xbe\xd0\xbe', '\xd0\xbe\xd2\xbe', '\xd1\xba\xd1\xba', '\xd2\xbe\xd2\xbe', '\xd3\xbe\xd3\xbe'].map(
    (magic) =>
      kind(magic, 'a suspended guest or a snapshot of VMware (.vmss, .vmsn)', {
        cure: 'read it with crash(8), which needs the .vmem beside it; or vmss2core -N6 FILE makes an ELF core',
      }),
  ),
  // Hyper-V's key-value storage of .vmrs and .vmcx: its signature is 0x01282014.
  kind('\x14\x20\x28\x01', 'a saved state of Hyper-V (.vmrs, .vmcx)', {
    cure: 'crash the guest so that its own kdump saves a vmcore (Debug-VM -InjectNonMaskableInterrupt, with kernel.unknown_nmi_panic=1)',
  }),
  kind('vhdxfile', 'a VHDX disk image of Hyper-V', {
    cure: 'copy the dump out of it (guestfish --ro -a FILE -i, in /var/crash)',
  }),
  // Windows, ntiodump.h.
  kind('PAGEDU64', 'a crash dump of Windows', { cure: 'read it with WinDbg' }),
  kind('PAGEDUMP', 'a crash dump of Windows', { cure: 'read it with WinDbg' }),
  kind('ustar', 'a tar archive', { cure: 'unpack it (tar xf FILE), and give the vmcore in it' }, 257),
];

/** The programs that unpack compressed files to standard output. */
const UNPACKERS: Readonly<Record<Compression, string>> = {
  gzip: 'gzip -dc',
  zstd: 'zstd -dc',
  xz: 'xz -dc',
  bzip2: 'bzip2 -dc',
  lzma: 'xz --format=lzma -dc',
  lz4: 'lz4 -dc',
  lzo: 'lzop -dc',
};

/**
 * Names a file that has a machine's memory in a form that is not read here, by its magic number.
 *
 * @param start - the first {@link FOREIGN_DUMP_BYTES} of the file
 * @returns undefined if it is of no such kind
 */
export function nameForeignDump(start: Uint8Array): ForeignDump | undefined {
  const found = KINDS.find(({ magic, at = 0 }) => equalBytes(start.subarray(at, at + magic.length), magic));
  if (found !== undefined) return { name: found.name, cure: found.cure };
  const compression = detectCompression(start);
  if (compression === undefined) return undefined;
  return { name: `a file compressed by ${compression}`, cure: cureCompressedDump(compression) };
}

/** What to do with a compressed dump. */
export function cureCompressedDump(compression: Compression): string {
  return `unpack it (${describeUnpacking(compression)} > vmcore), and give the vmcore`;
}

/** The command that unpacks a file to standard output. */
export function describeUnpacking(compression: Compression): string {
  return `${UNPACKERS[compression]} FILE`;
}

function kind(magic: string, name: string, { cure }: Pick<ForeignDump, 'cure'>, at = 0): Kind {
  return { magic: encodeLatin1(magic), name, cure, at };
}

function lime(first = ''): string {
  return `${first}read it with volatility3 or crash(8) (crash vmlinux FILE); on a machine with kdump, /proc/vmcore is the dump to take`;
}
