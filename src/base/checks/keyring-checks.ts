import type { CheckTable } from './rule.js';

/** Files that say who is trusted. */
export const KEYRING_CHECKS = {
  'keyring-file': {
    rule: 'a keyring file has certificates in PEM or DER, an EFI signature list or variable of at most 4 MiB, or is a shim',
    source: 'kexec-file',
    errnos: ['EINVAL', 'EBADMSG', 'EFBIG', 'ENODATA'],
    cure: 'give a file of these kinds: for --cert one certificate, for --keyring any of them, for --dbx a list or variable',
  },
  'keyring-role': {
    rule: 'db and MokListRT give trust, dbx and MokListXRT take it',
    source: 'load_uefi_certs()',
    errnos: ['EINVAL'],
    cure: 'give what trusts to --keyring, and what revokes to --dbx',
  },
  pem: {
    rule: 'a PEM block is base64 between a BEGIN line and an END line with the same label',
    source: 'RFC 7468',
    errnos: ['EBADMSG'],
    cure: 'copy the file again, whole; openssl x509 -in FILE -text shows a certificate',
  },
  'der-certificates': {
    rule: 'certificates in DER are SEQUENCEs, one after another, and nothing else',
    source: 'x509_load_certificate_list()',
    errnos: ['EBADMSG'],
    cure: 'copy the file again, whole; openssl x509 -inform DER -in FILE -text shows a certificate',
  },
  'efi-signature-list': {
    rule: 'a signature list lies within its data and holds whole signatures, each with its owner',
    source: 'UEFI Specification 2.10, section 32.4.1; parse_efi_signature_list()',
    errnos: ['EBADMSG'],
    cure: 'copy the list again, or make it again (cert-to-efi-sig-list)',
  },
  'efi-variable': {
    rule: 'an EFI variable has its attributes, or its time and signature, before its data',
    source: 'Documentation/filesystems/efivarfs.rst; UEFI Specification 2.10, section 8.2.2',
    errnos: ['EBADMSG'],
    cure: 'copy it again from /sys/firmware/efi/efivars, its first 4 bytes included',
  },
  'vendor-cert': {
    rule: '.vendor_cert is two sizes, two offsets, and what they point at within the section',
    source: "shim's cert.S",
    errnos: ['EBADMSG'],
    cure: 'take the shim of the distribution again',
  },
} as const satisfies CheckTable;
