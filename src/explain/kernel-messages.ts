import type { Check } from '../base/checks.js';

/** A line of a log, by a piece of its text that is in no other line. */
export interface KernelMessage {
  readonly text: string;
  /** The check that it is of. */
  readonly check: Check;
  /** What is in the line as well. */
  readonly and?: string;
}

function of(check: Check, ...texts: readonly string[]): KernelMessage[] {
  return texts.map((text) => ({ text, check }));
}

/**
 * What kernels from 4.17 to 6.12 log of kexec and kdump, and what kexec-tools and makedumpfile print: so much of each line as tells it
 * from others. The kernel's own are of kernel/kexec*.c, kernel/crash_*.c, arch/arm64/kernel, drivers/of/kexec.c,
 * crypto/asymmetric_keys, security/ and certs/.
 */
export const KERNEL_MESSAGES: readonly KernelMessage[] = [
  ...of('signature', 'kernel signature verification failed ('),
  ...of('running-verify', 'loader does not support signature verification'),
  ...of('lockdown', 'kexec of unsigned images is restricted', 'Kernel is locked down from'),
  ...of('pe-signed', 'PEFILE: Unsigned PE binary', 'PEFILE: Unknown PEOPT magic'),
  ...of('pe-wrapper', 'PEFILE: Signature wrapper', 'PEFILE: Signature is not revision 2.0'),
  ...of('pe-wrapper', 'PEFILE: Signature certificate type', 'PEFILE: Signature data'),
  ...of('pe-digest', 'PEFILE: Digest mismatch', 'PEFILE: Digest size mismatch'),
  ...of('mscode', 'MSCODE: '),
  ...of('pkcs7-algorithm', 'Unsupported digest algo: ', 'Unsupported pkey algo: ', 'PKCS7: Unknown OID'),
  ...of('pkcs7-content', 'PKCS7: Only support pkcs7_signedData', 'PKCS7: Unsupported SignedData version'),
  ...of('pkcs7-content', 'PKCS7: Unsupported SignerInfo version', 'SignerInfo version mismatch'),
  ...of('pkcs7-content', 'PKCS7: Unsupported data type', 'PKCS7: Invalid kexec sig'),
  ...of(
    'pkcs7-attributes',
    'PKCS7: Inconsistently supplied authAttrs',
    'PKCS7: Repeated/multivalue AuthAttrs',
  ),
  ...of('pkcs7-attributes', 'PKCS7: Missing required AuthAttr', 'PKCS7: Unexpected Authenticode AuthAttr'),
  ...of('pkcs7-attributes', 'PKCS7: Authenticode requires AuthAttrs', 'only allowed with Authenticode'),
  ...of('pkcs7-digest', ": Message digest doesn't match", ': No messageDigest', ': Invalid digest size ('),
  ...of('pkcs7-chain', 'X.509 chain contains'),
  ...of('pkcs7-time', 'PKCS7: Message signed outside of X.509 validity window'),
  { text: 'X.509: Cert ', and: 'is blacklisted', check: 'blacklist' },
  ...of('trust', 'Problem loading in-kernel X.509 certificate', 'Problem loading X.509 certificate'),
  ...of('ima-appraisal', 'impossible to appraise a kernel image'),
  { text: 'op=appraise_data', and: 'kexec', check: 'ima-appraisal' },
  ...of(
    'segment-hole',
    'Could not find any suitable kernel location',
    'Could not find a free area of memory',
  ),
  ...of('elfcorehdr', 'Preparing elf core header failed'),
  ...of('dtb-chosen', 'Preparing for new dtb failed', 'setting up the new device tree'),
  ...of('dtb-structure', 'Malformed device tree.'),
  ...of('dtb-reservations', 'Error deleting device tree reservation', 'Error removing memory reservation'),
  ...of('crash-region', 'crashkernel reservation failed', 'cannot allocate crashkernel'),
  ...of('crash-region', 'crashkernel: ', 'crashkernel size resulted in zero bytes'),
  ...of('crash-region', 'Memory for crashkernel is not reserved'),
  ...of('running-memory', 'Could not allocate control_code_buffer', 'Could not allocate swap buffer'),
  ...of(
    'running-cpus',
    'CPUs are stuck in the kernel',
    ': is stuck in kernel',
    'failed to stop secondary CPUs',
  ),
  ...of('running-call', 'syscall kexec_file_load not available'),
  ...of('kernel-file', 'Cannot determine the file type of'),
  { text: 'PAGE SIZE 0x', and: 'VA Bits', check: 'dump-tool' },
  ...of('kexec-file-load', 'kexec_file_load failed: '),
  ...of('kexec-load', 'kexec_load failed: '),
];
