import type { CheckTable } from './rule.js';

const RECORD_AGAIN = 'record the machine again, as root: kexec-file machine record, or machine collector';

/** Machine files, and the collected files that they are built from. */
export const RECORDING_CHECKS = {
  'iomem-line': {
    rule: 'a line has the form START-END : NAME with numbers in hex, and ranges nest',
    source: '/proc/iomem, r_show()',
    errnos: ['EINVAL'],
    cure: 'copy the whole of /proc/iomem, as root',
  },
  'memblock-line': {
    rule: 'a line has the form N: START..END, followed by node and flags on newer kernels, and regions are lowest first and apart',
    source: 'memblock_debug_show()',
    errnos: ['EINVAL'],
    cure: 'copy the whole of /sys/kernel/debug/memblock/memory and reserved, as root',
  },
  'range-order': {
    rule: 'a range does not end before it starts, and its addresses have at most 64 bits',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'correct the addresses where they come from: record the machine again, or copy the file again',
  },
  'machine-schema': {
    rule: 'a machine has the fields of its format version, ranges of RAM that do not overlap, and at most 262144 values, 1 Mi characters of text and 4 MiB of bytes',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: RECORD_AGAIN,
  },
  'machine-text': {
    rule: 'a collected file has the form in which the kernel prints it',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: RECORD_AGAIN,
  },
  'acpi-table': {
    rule: 'an ACPI table has its signature, the length of its file, bytes whose sum is 0, and structures that lie in it',
    source: 'ACPI Specification 6.5, section 5.2.6',
    errnos: ['EBADMSG'],
    cure: 'copy the whole table from /sys/firmware/acpi/tables, as root; if it is the same, update the firmware',
  },
  'machine-archive': {
    rule: 'the collected files of one machine are regular files in a folder or a tar, with correct checksums, of at most 32 MiB in all; a text file has at most 2 MiB, cpuinfo 24 MiB',
    source: 'kexec-file',
    errnos: ['EINVAL', 'EFBIG'],
    cure: 'collect the files again (kexec-file machine collector), and copy the tar in binary mode',
  },
  'fleet-file': {
    rule: 'a fleet file is JSON Lines, plain, gzip, or zstd in frames of at most 8 MiB: parts from a header to an end with the number of machines, lines of at most 8 MiB, facts whose bytes have their digest, and machines whose facts are among the last 64 MiB before them',
    source: 'docs/fleet-file.md',
    errnos: ['EINVAL', 'EFBIG', 'EBADMSG', 'ENODATA'],
    cure: 'copy the file again, or pack the machines again: kexec-file machine pack PATH… -o fleet.ndjson.zst',
  },
  'preflight-report': {
    rule: 'an earlier report is what preflight --json printed: an object a line for each machine, at most 262144 and 128 MiB, then the summary',
    source: 'kexec-file',
    errnos: ['EINVAL', 'EFBIG'],
    cure: 'make the report again, with the same options: kexec-file preflight KERNEL MACHINE… --json > report.jsonl',
  },
  'machine-live': {
    rule: 'kexec-file records the running machine on Linux for arm64 and x86_64 only',
    source: 'kexec-file',
    errnos: ['EOPNOTSUPP'],
    cure: 'run it on the machine, or run the script of machine collector there and give its tar with --from; elsewhere give --machine or --qemu',
  },
} as const satisfies CheckTable;
