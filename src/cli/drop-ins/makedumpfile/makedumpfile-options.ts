import type { OptionSyntax } from '../getopt.js';

/** The meaning of an option. */
export type OptionId =
  | 'help'
  | 'version'
  | 'zlib'
  | 'lzo'
  | 'snappy'
  | 'zstd'
  | 'levels'
  | 'size-limit'
  | 'elf'
  | 'stream'
  | 'rearrange'
  | 'threads'
  | 'split'
  | 'reassemble'
  | 'force'
  | 'vmlinux'
  | 'vmcoreinfo'
  | 'dump-dmesg'
  | 'partial-dmesg'
  | 'message-level'
  | 'debug'
  | 'show-stats'
  | 'vtop'
  | 'dry-run'
  | 'mem-usage'
  | 'check-params'
  | 'idle'
  | 'refused';

/** An option of the drop-in. */
export interface MakedumpfileOption extends OptionSyntax {
  readonly id: OptionId;
  /** Help text: what the option does, or why it is refused or has no effect. */
  readonly help: string;
}

/** The program whose options these are. */
export const OPTIONS_OF = 'makedumpfile 1.7.6';

/** The options of makedumpfile (`longopts` and the letters in `main()` of makedumpfile.c), in the order of the help. */
export const OPTIONS: readonly MakedumpfileOption[] = [
  letter('zlib', 'c', 'compress each page by zlib'),
  letter('lzo', 'l', 'compress each page by lzo'),
  letter('snappy', 'p', 'compress each page by snappy'),
  letter('zstd', 'z', 'compress each page by zstd'),
  letter('elf', 'E', 'write an ELF file, which gdb reads; without, the compressed format, which crash reads'),
  {
    ...letter(
      'levels',
      'd',
      'leave out pages: 1 zeros, 2 page cache, 4 all page cache, 8 processes, 16 free; a sum',
    ),
    argument: 'LEVEL[,LEVEL...]',
  },
  {
    ...letter('size-limit', 'L', 'stop when the dump would be larger, in bytes or with K, M, G, T'),
    argument: 'SIZE',
  },
  {
    id: 'threads',
    names: ['num-threads'],
    argument: 'NUMBER',
    help: 'compress in at most so many threads beside the main one; without, as CPUs and memory allow',
  },
  letter('stream', 'F', 'write the dump to standard output, in pieces that -R puts in order'),
  letter('rearrange', 'R', 'write DUMPFILE from what -F wrote, which is read from standard input'),
  long('split', 'write the dump into several files, each with a part of its pages'),
  long('reassemble', 'make one DUMPFILE, the last, of the files of --split'),
  letter('force', 'f', 'replace an existing file, and what an earlier run began'),
  {
    ...letter('vmlinux', 'x', 'check that this is the kernel that crashed; else exit with 2'),
    argument: 'VMLINUX',
  },
  {
    ...letter('vmcoreinfo', 'i', 'take the text of VMCOREINFO from a file'),
    argument: 'VMCOREINFO',
  },
  long('dump-dmesg', "write the kernel's log to DUMPFILE instead of a dump"),
  long('partial-dmesg', 'only what was logged after the last dmesg --clear; with --dump-dmesg'),
  {
    ...long('vtop', 'also print the physical address of a virtual one'),
    argument: 'ADDRESS',
  },
  {
    ...long(
      'message-level',
      'what is printed: 1 progress, 2 results, 4 errors, 8 details, 16 numbers of pages; a sum',
    ),
    argument: 'LEVEL',
  },
  letter('debug', 'D', 'print details'),
  long('show-stats', 'print numbers of pages'),
  long('mem-usage', 'print what the running kernel uses its memory for; VMCORE is /proc/kcore'),
  long('dry-run', 'do all but write the dump, and print its size'),
  long('check-params', 'check the command line, and do nothing else'),
  { id: 'help', names: ['help'], letter: 'h', help: 'print this help' },
  letter('version', 'v', 'print the version'),

  idle({ letter: 'b', argument: 'ORDER' }, 'the size of a cache that this program does not have'),
  idle({ name: 'cyclic-buffer', argument: 'KILOBYTES' }, 'bitmaps are written in pieces of 4 KiB'),
  idle({ name: 'non-cyclic' }, 'an option of old releases; bitmaps are written in pieces'),
  idle({ name: 'non-mmap' }, 'this program reads the dump without mmap(2)'),
  idle({ name: 'work-dir', argument: 'FOLDER' }, 'this program needs no temporary files'),
  idle({ name: 'splitblock-size', argument: 'KILOBYTES' }, 'the files of --split get equal numbers of pages'),

  refused({ letter: 'g', argument: 'VMCOREINFO' }, 'a kernel since 2.6.24 has its VMCOREINFO in its dump'),
  refused(
    { letter: 'e' },
    'parts of the memory map are not left out; on arm64, makedumpfile has no such option either',
  ),
  refused(
    { name: 'config', argument: 'FILE' },
    'no data is erased in what is kept; give the dump to nobody who must not see it',
  ),
  refused(
    { name: 'eppic', argument: 'FILE' },
    'no data is erased in what is kept; give the dump to nobody who must not see it',
  ),
  refused({ name: 'diskset', argument: 'VMCORE' }, 'dumps that firmware wrote (sadump) are not supported'),
  refused({ letter: 'X' }, 'it is for Xen, which this program does not support'),
  refused({ name: 'xen-syms', argument: 'FILE' }, 'it is for Xen, which this program does not support'),
  refused({ name: 'xen-vmcoreinfo', argument: 'FILE' }, 'it is for Xen, which this program does not support'),
  refused(
    { name: 'xen_phys_start', argument: 'ADDRESS' },
    'it is for Xen, which this program does not support',
  ),
];

function letter(id: OptionId, flag: string, help: string): MakedumpfileOption {
  return { id, names: [], letter: flag, help };
}

/** An option whose name is that of its meaning. */
function long(id: OptionId, help: string): MakedumpfileOption {
  return { id, names: [id], help };
}

/** A letter, or a long name. */
interface Flag {
  readonly letter?: string;
  readonly name?: string;
  readonly argument?: string;
}

function idle(flag: Flag, why: string): MakedumpfileOption {
  return { id: 'idle', ...spell(flag), help: why };
}

function refused(flag: Flag, why: string): MakedumpfileOption {
  return { id: 'refused', ...spell(flag), help: why };
}

function spell({ name, ...rest }: Flag): OptionSyntax {
  return { names: name === undefined ? [] : [name], ...rest };
}
