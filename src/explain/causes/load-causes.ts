import type { Cause, CauseTable, LinePiece } from './cause.js';

/** A cause that the check's own rule and cure explain. */
const refused = (check: Cause['check'], ...lines: readonly LinePiece[]): Cause => ({
  check,
  severity: 'stops',
  lines,
});

/** The same, in kernels that have kexec_file_load. */
const refusedFile = (...args: Parameters<typeof refused>): Cause => ({
  ...refused(...args),
  onlyIn: 'KEXEC_FILE',
});

/**
 * What stops a load, and what the leaving kernel logs until it jumps: kernel/kexec*.c, kernel/crash_core.c,
 * arch/arm64/kernel/machine_kexec*.c and kexec_image.c, drivers/of/kexec.c.
 */
export const LOAD_CAUSES = {
  'kernel-location': refusedFile('segment-hole', 'Could not find any suitable kernel location'),
  'crash-header': refusedFile('elfcorehdr', 'Preparing elf core header failed'),
  'new-device-tree': refusedFile(
    'dtb-chosen',
    'Preparing for new dtb failed',
    'setting up the new device tree',
  ),
  'malformed-device-tree': refusedFile('dtb-structure', 'Malformed device tree.'),
  'device-tree-reservation': refusedFile(
    'dtb-reservations',
    'Error deleting device tree reservation',
    'Error removing memory reservation',
  ),
  'control-pages': refused(
    'running-memory',
    'Could not allocate control_code_buffer',
    'Could not allocate swap buffer',
  ),
  'purgatory-symbol': {
    check: 'elf-symbol',
    severity: 'stops',
    meaning:
      'the purgatory that is built into the kernel does not fit its loader: the kernel is built wrongly',
    cure: 'load by the other system call (kexec-file load --syscall segments), and build the kernel again',
    lines: [],
    otherLines: {
      of: 'architectures that have a purgatory in the kernel, such as x86_64',
      lines: [
        ['symbol ', ' size mismatch: expected '],
        ['symbol ', ' is in a bss section. Cannot '],
      ],
    },
  },
  'stuck-cpus': refused('running-cpus', 'CPUs are stuck in the kernel'),
  'cpus-not-stopped': {
    check: 'running-cpus',
    severity: 'warns',
    meaning:
      'other CPUs did not stop before the crash kernel started: they continue to run, and can change memory while it is dumped',
    cure:
      'nothing to do for this dump, but treat its contents with care; if it repeats, boot with firmware that has PSCI, and ' +
      'with pseudo-NMIs (irqchip.gicv3_pseudo_nmi=1), which also reach a CPU that has its interrupts off',
    lines: ['Some CPUs may be stale, kdump will be unreliable', 'failed to stop secondary CPUs'],
  },
  'no-randomness': {
    onlyIn: 'KEXEC_FILE',
    check: 'next-device-tree',
    severity: 'harmless',
    meaning:
      'the load came too early in the boot: the next kernel gets no seed for KASLR or for its random numbers',
    cure: 'load later, after "random: crng init done", if the next kernel needs KASLR',
    lines: ['RNG is not initialised: omitting'],
  },
  'no-vmcoreinfo': {
    check: 'elfcorehdr',
    severity: 'warns',
    meaning: 'the kernel has no memory for the notes of a dump, VMCOREINFO or the registers of the CPUs',
    cure: 'free memory and boot again: without these notes, tools cannot read the dump',
    lines: [
      'Memory allocation for vmcoreinfo_data failed',
      'Memory allocation for vmcoreinfo_note failed',
      'Could not allocate vmcoreinfo buffer',
      'Could not vmap vmcoreinfo buffer',
      'Memory allocation for saving cpu register states failed',
    ],
  },
  'vmcoreinfo-truncated': {
    check: 'elfcorehdr',
    severity: 'warns',
    meaning: 'VMCOREINFO of this kernel is longer than a page, and is cut short',
    cure: 'give kexec-file vmcore the whole of it: --vmcoreinfo with a file made from the vmlinux (makedumpfile -g)',
    lines: ['vmcoreinfo data exceeds allocated size, truncating'],
  },
  handover: {
    onlyIn: '7.3',
    check: 'running-memory',
    severity: 'warns',
    meaning:
      'the kernel cannot keep memory free for kexec handover (KHO), and hands nothing over to the next kernel',
    cure: 'boot with a smaller kho_scratch=, or without kho=on if nothing uses it',
    parameter: 'kho_scratch=SIZE',
    lines: ['KHO: Failed to reserve'],
  },
  'handover-off': {
    onlyIn: '7.3',
    check: 'running-memory',
    severity: 'harmless',
    meaning: 'a crash kernel takes nothing over by kexec handover (KHO); that is as it should be',
    cure: 'nothing to do; for information',
    lines: ['KHO: disabled in the kdump kernel'],
  },
  'jump-to-next': {
    check: 'next-start',
    severity: 'harmless',
    meaning:
      'the kernel leaves: the next lines are those of the kernel that it starts. In a log out of a dump, nothing follows; on ' +
      'a console, that kernel stopped before its own console worked',
    cure:
      'if nothing follows on a console: add earlycon to the command line of the next kernel, and keep console=, to see where ' +
      'it stops; kexec-file doctor examines what is known to stop it',
    lines: ['Starting crashdump kernel...', 'Starting new kernel', 'Bye!'],
  },
} as const satisfies CauseTable;

/** What stops a signature: kernel/kexec_file.c, crypto/asymmetric_keys, certs. All are visible without debugging. */
export const SIGNATURE_CAUSES = {
  'kexec-signature': refusedFile('signature', 'kernel signature verification failed ('),
  'no-verifier': refusedFile('running-verify', 'loader does not support signature verification'),
  'unsigned-pe': refusedFile('pe-signed', 'PEFILE: Unsigned PE binary', 'PEFILE: Unknown PEOPT magic'),
  'pe-wrapper': refusedFile(
    'pe-wrapper',
    'PEFILE: Signature wrapper',
    'PEFILE: Signature is not revision 2.0',
    'PEFILE: Signature certificate type',
    'PEFILE: Signature data',
  ),
  'pe-digest': refusedFile('pe-digest', 'PEFILE: Digest mismatch', 'PEFILE: Digest size mismatch'),
  mscode: refusedFile('mscode', 'MSCODE: '),
  'pkcs7-algorithm': refused(
    'pkcs7-algorithm',
    'Unsupported digest algo: ',
    'Unsupported pkey algo: ',
    'PKCS7: Unknown OID',
  ),
  'pkcs7-content': refused(
    'pkcs7-content',
    'PKCS7: Only support pkcs7_signedData',
    'PKCS7: Unsupported SignedData version',
    'PKCS7: Unsupported SignerInfo version',
    'SignerInfo version mismatch',
    'PKCS7: Unsupported data type',
    'PKCS7: Invalid kexec sig',
    'PKCS#7 signature with non-detached data',
    'PKCS7: Mismatch between global data type',
  ),
  'pkcs7-attributes': refused(
    'pkcs7-attributes',
    'PKCS7: Inconsistently supplied authAttrs',
    'PKCS7: Repeated/multivalue AuthAttrs',
    'PKCS7: Missing required AuthAttr',
    'PKCS7: Unexpected Authenticode AuthAttr',
    'PKCS7: Authenticode requires AuthAttrs',
    'only allowed with Authenticode',
  ),
  'pkcs7-digest': refused(
    'pkcs7-digest',
    ": Message digest doesn't match",
    ': No messageDigest',
    ': Invalid digest size (',
  ),
  'pkcs7-chain': refused('pkcs7-chain', 'X.509 chain contains'),
  'pkcs7-time': refused('pkcs7-time', 'PKCS7: Message signed outside of X.509 validity window'),
  certificate: refused(
    'certificate',
    "Couldn't decode AuthKeyIdentifier",
    'differs from tbsCertificate.signature',
  ),
  blacklisted: refused('blacklist', ['X.509: Cert ', 'is blacklisted']),
  'key-not-loaded': {
    check: 'trust',
    severity: 'warns',
    meaning:
      'the kernel cannot read a certificate that is built into it or that the firmware holds, and does not trust it',
    cure:
      'if it is the certificate of your signer: make it with an algorithm that this kernel has (RSA and SHA-256, for ' +
      'instance), and enrol it again (mokutil --import, or EFI db)',
    lines: [
      'Problem loading in-kernel X.509 certificate',
      'Problem loading X.509 certificate',
      'Problem parsing in-kernel X.509 certificate list',
      "integrity: Couldn't parse db signatures: ",
      "integrity: Couldn't parse MokListRT signatures",
    ],
  },
  'firmware-keys-not-read': {
    check: 'trust',
    severity: 'harmless',
    meaning:
      'the kernel reads no list of keys out of the firmware (db, dbx, MokListRT): there is none, or the firmware cannot be asked ' +
      '(efi=noruntime, after some kexecs)',
    cure: 'nothing to do, unless the kernel is signed by a key that is in that list only: then boot through firmware',
    lines: ["integrity: Couldn't get size: 0x", "Couldn't get UEFI db list"],
  },
  'blacklist-not-loaded': {
    check: 'blacklist',
    severity: 'warns',
    meaning: 'the kernel cannot take an entry of a blacklist (dbx, MokListX): what it names stays trusted',
    cure: 'update dbx and the kernel; kexec-file verify --dbx FILE checks a kernel against the whole list',
    lines: [
      'Problem blacklisting hash',
      "integrity: Couldn't parse dbx signatures: ",
      "integrity: Couldn't parse mokx signatures",
    ],
    otherLines: {
      of: 'kernels with CONFIG_SYSTEM_REVOCATION_LIST',
      lines: ['Problem with revocation key'],
    },
  },
} as const satisfies CauseTable;
