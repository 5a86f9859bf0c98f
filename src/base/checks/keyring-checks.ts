import type { CheckTable } from './rule.js';

/** Files with trusted or revoked certificates. */
export const KEYRING_CHECKS = {
  'keyring-file': {
    rule: 'a keyring file is a certificate file in PEM, DER or PKCS#7, an EFI signature list or EFI variable of at most 4 MiB, or a shim',
    source: 'kexec-file',
    errnos: ['EINVAL', 'EBADMSG', 'EFBIG', 'ENODATA'],
    cure: 'give a certificate in PEM, DER or PKCS#7 (.p7b) to --cert, any of these files to --keyring, and an EFI signature list or variable to --dbx',
  },
  'keyring-role': {
    rule: 'db and MokListRT add trust, dbx and MokListXRT revoke it',
    source: 'load_uefi_certs()',
    errnos: ['EINVAL'],
    cure: 'give files that add trust to --keyring, and files that revoke it to --dbx',
  },
  pem: {
    rule: 'a PEM block is base64 between a BEGIN line and an END line with the same label',
    source: 'RFC 7468',
    errnos: ['EBADMSG'],
    cure: 'copy the whole file again; openssl x509 -in FILE -text shows whether it is readable',
  },
  'der-certificates': {
    rule: 'a DER file of certificates consists of SEQUENCEs, one after another, and nothing else',
    source: 'x509_load_certificate_list()',
    errnos: ['EBADMSG'],
    cure: 'copy the whole file again; openssl x509 -inform DER -in FILE -text shows whether it is readable',
  },
  'efi-signature-list': {
    rule: 'a signature list lies within its data and consists of complete signatures, each with its owner',
    source: 'UEFI Specification 2.10, section 32.4.1; parse_efi_signature_list()',
    errnos: ['EBADMSG'],
    cure: 'copy the list again, or build it again (cert-to-efi-sig-list)',
  },
  'efi-variable': {
    rule: 'the data of an EFI variable follows its attributes, or in an update, its time and signature',
    source: 'Documentation/filesystems/efivarfs.rst; UEFI Specification 2.10, section 8.2.2',
    errnos: ['EBADMSG'],
    cure: 'copy the variable again from /sys/firmware/efi/efivars, with its first 4 bytes',
  },
  'vendor-cert': {
    rule: 'the section .vendor_cert begins with two sizes and two offsets, which refer to data within the section',
    source: "shim's cert.S",
    errnos: ['EBADMSG'],
    cure: 'install the shim of the distribution again, or fetch it again',
  },
} as const satisfies CheckTable;
