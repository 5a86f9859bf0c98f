import type { Check } from '../base/checks.js';

/** A text that only lines of one check contain, or two texts that only such lines contain together. */
type LinePiece = string | readonly [string, string];

/** Texts by check. */
type LinePieces = Partial<Record<Check, readonly LinePiece[]>>;

/**
 * Log messages of Linux up to 6.12 about kexec and kdump, from kernel/kexec*.c, kernel/crash_*.c, arch/arm64/kernel,
 * drivers/of/kexec.c, crypto/asymmetric_keys, certs and security.
 */
export const KERNEL_LINES: LinePieces = {
  signature: ['kernel signature verification failed ('],
  'running-verify': ['loader does not support signature verification'],
  lockdown: ['kexec of unsigned images', 'Kernel is locked down from'],
  'pe-signed': ['PEFILE: Unsigned PE binary', 'PEFILE: Unknown PEOPT magic'],
  'pe-wrapper': [
    'PEFILE: Signature wrapper',
    'PEFILE: Signature is not revision 2.0',
    'PEFILE: Signature certificate type',
    'PEFILE: Signature data',
  ],
  'pe-digest': ['PEFILE: Digest mismatch', 'PEFILE: Digest size mismatch'],
  mscode: ['MSCODE: '],
  'pkcs7-algorithm': ['Unsupported digest algo: ', 'Unsupported pkey algo: ', 'PKCS7: Unknown OID'],
  'pkcs7-content': [
    'PKCS7: Only support pkcs7_signedData',
    'PKCS7: Unsupported SignedData version',
    'PKCS7: Unsupported SignerInfo version',
    'SignerInfo version mismatch',
    'PKCS7: Unsupported data type',
    'PKCS7: Invalid kexec sig',
  ],
  'pkcs7-attributes': [
    'PKCS7: Inconsistently supplied authAttrs',
    'PKCS7: Repeated/multivalue AuthAttrs',
    'PKCS7: Missing required AuthAttr',
    'PKCS7: Unexpected Authenticode AuthAttr',
    'PKCS7: Authenticode requires AuthAttrs',
    'only allowed with Authenticode',
  ],
  'pkcs7-digest': [": Message digest doesn't match", ': No messageDigest', ': Invalid digest size ('],
  'pkcs7-chain': ['X.509 chain contains'],
  'pkcs7-time': ['PKCS7: Message signed outside of X.509 validity window'],
  blacklist: [['X.509: Cert ', 'is blacklisted']],
  trust: ['Problem loading in-kernel X.509 certificate', 'Problem loading X.509 certificate'],
  'ima-appraisal': ['impossible to appraise a kernel image', ['appraise_data', 'kexec']],
  'segment-hole': ['Could not find any suitable kernel location'],
  elfcorehdr: ['Preparing elf core header failed'],
  'dtb-chosen': ['Preparing for new dtb failed', 'setting up the new device tree'],
  'dtb-structure': ['Malformed device tree.'],
  'dtb-reservations': ['Error deleting device tree reservation', 'Error removing memory reservation'],
  'crash-region': [
    'crashkernel reservation failed',
    'cannot allocate crashkernel',
    'crashkernel size resulted in zero bytes',
    'crashkernel: ',
  ],
  'running-memory': ['Could not allocate control_code_buffer', 'Could not allocate swap buffer'],
  'running-cpus': ['CPUs are stuck in the kernel', ': is stuck in kernel', 'failed to stop secondary CPUs'],
};

/** Messages of kexec-tools and makedumpfile, which a journal contains beside those of the kernel. */
export const TOOL_LINES: LinePieces = {
  'kernel-file': ['Cannot determine the file type of'],
  'segment-hole': ['Could not find a free area of memory'],
  'crash-region': ['Memory for crashkernel is not reserved'],
  'running-call': ['syscall kexec_file_load not available'],
  'kexec-file-load': ['kexec_file_load failed: '],
  'kexec-load': ['kexec_load failed: '],
  'dump-tool': [['PAGE SIZE 0x', 'VA Bits']],
};
