import type { CheckNotes } from './check-note.js';

const BY_ANOTHER_TOOL =
  'the signature is damaged, or was made by a tool that writes what the kernel does not read';

/** Notes on signatures, keyrings and signing. */
export const SIGNATURE_NOTES = {
  lockdown: {
    why: 'whatever runs next has the same rights as the running kernel; lockdown keeps root from replacing it with arbitrary code',
    how: 'secure boot is on, which locks the kernel of most distributions, and the kernel is not signed by a key that it trusts',
  },
  signature: {
    why: 'a policy without trusted certificates could not accept any kernel',
    how: '--policy enforce was given without --cert, --keyring or a machine with EFI variables',
  },
  'pe-signed': {
    why: 'where signatures are required, a file without one is refused whatever it contains',
    how: 'the kernel is your own build, or a tool removed the signature',
    example: 'kexec-file plan vmlinuz --machine qemu-virt --policy enforce',
  },
  'pe-wrapper': {
    why: 'the kernel reads only the first signature of a file, and only one of this type',
    how: 'another signature was put first, or a tool wrote one of another revision',
  },
  ber: {
    why: 'an encoding that can be read in two ways could be verified in one and used in the other',
    how: BY_ANOTHER_TOOL,
  },
  'pkcs7-content': {
    why: 'a signature over something else says nothing about the kernel',
    how: 'a detached signature of the whole file was attached in place of one made for PE files (sbsign, kexec-file sign)',
  },
  'pkcs7-algorithm': {
    why: 'the kernel verifies with the algorithms that it was built with',
    how: 'the file was signed with MD5, DSA, RSA-PSS or an unusual curve',
  },
  'pkcs7-attributes': {
    why: 'the signer signs the attributes, and these contain the digest of the content',
    how: BY_ANOTHER_TOOL,
  },
  'pkcs7-digest': {
    why: 'the digest connects the signed attributes with the content',
    how: 'the content of the signature was changed after it was signed',
  },
  'pkcs7-time': {
    why: 'a certificate vouches for a key only within its validity',
    how: 'the clock was wrong during signing, or an expired certificate was used',
  },
  'pkcs7-chain': {
    why: 'the kernel follows the embedded certificates from the signer upwards, and must not go in circles',
    how: 'certificates of another chain were embedded, or two have the same name',
  },
  'signature-work': {
    why: 'a small file may ask for thousands of verifications, which would take minutes',
    how: 'a keyring or a signature contains far more certificates than a chain needs',
  },
  certificate: {
    why: 'a certificate names the key, its owner and its issuer; the kernel needs each of them',
    how: 'the file is no certificate, is cut short, or its key is of a kind that the kernel does not have',
  },
  'certificate-time': {
    why: 'the kernel reads the two forms of time that RFC 5280 permits for these years',
    how: 'a tool wrote a certificate that is valid beyond 2049 in the short form',
  },
  'public-key': {
    why: 'this is the signature itself: only the owner of the private key can have made it',
    how: 'a signed part changed afterwards, or the certificate belongs to another key',
  },
  blacklist: {
    why: 'a kernel with a known hole can be used to enter a machine, although it is signed',
    how: 'an old kernel is loaded on a machine whose firmware got a newer dbx',
  },
  trust: {
    why: 'a valid signature shows who signed; the keyrings decide whether that signer is trusted',
    how: 'the kernel is signed by a key of your own, or by a distribution whose key is not on this machine',
  },
  mscode: {
    why: 'SpcIndirectData contains the digest of the PE file, and names its algorithm',
    how: BY_ANOTHER_TOOL,
  },
  'pe-contents': {
    why: 'bytes that the digest does not cover could be changed without breaking the signature',
    how: 'bytes were cut off or appended after the file was signed',
  },
  'pe-digest': {
    why: 'if the digest differs, the file is not the one that was signed',
    how: 'the file is damaged, or was changed after it was signed (stripped, patched, compressed and unpacked)',
  },
  'running-verify': {
    why: 'the kernel asks the loader of the Image to verify it; if that cannot, nothing is loaded',
    how: 'the running kernel has CONFIG_KEXEC_SIG, but no CONFIG_KEXEC_IMAGE_VERIFY_SIG (x86_64: CONFIG_KEXEC_BZIMAGE_VERIFY_SIG)',
  },
  'module-signature': {
    why: 'the marker at the end of the file and the 12 bytes before it say where the signature is',
    how: 'the file has no appended signature, or was cut short or padded afterwards',
    example: 'kexec-file verify vmlinuz --appended',
  },
  'ima-xattr': {
    why: 'the value says by which key and over which digest it was made',
    how: 'the file was copied without its attributes, or the value was written by another tool',
    example: "printf '\\3\\2' >v.ima; kexec-file verify vmlinuz --ima-xattr v.ima",
  },
  'ima-signature': {
    why: 'IMA appraises a file by keys of its own keyring, which need not be those of secure boot',
    how: 'the key is not in .ima, or the file changed after it was signed',
  },
  'keyring-file': {
    why: 'a file that is not recognised as a keyring would silently add no trust',
    how: 'a kernel, a private key or a text was given to --cert, --keyring or --dbx',
    example: 'echo hello >keys; kexec-file verify vmlinuz --keyring keys',
  },
  'keyring-role': {
    why: 'a revocation list that is read as a keyring would trust what it revokes',
    how: 'dbx or MokListXRT was given to --keyring, or db to --dbx',
  },
  pem: {
    why: 'a block without its end may lack part of the certificate',
    how: 'the file was cut short, or its lines were changed by an editor or a mail',
    example: "echo '-----BEGIN CERTIFICATE-----' >c.pem; kexec-file verify vmlinuz --cert c.pem",
  },
  'der-certificates': {
    why: 'the kernel reads its list of certificates one after another, to the end',
    how: 'the file was cut short, or is of another type',
  },
  'efi-signature-list': {
    why: 'each list says its own size and that of its entries; the next begins after it',
    how: 'the list was cut short, or copied with bytes before it',
  },
  'efi-variable': {
    why: 'efivarfs puts 4 bytes of attributes before the data of each variable',
    how: 'the variable was copied without these bytes',
  },
  'vendor-cert': {
    why: 'a shim carries the certificate of its distribution in this section',
    how: 'the shim is damaged, or a PE file that is no shim has a section of this name',
  },
  'sign-inner': {
    why: 'a signature makes the Image longer, and not every container has room for that',
    how: '--inner was given for a uImage or a FIT',
  },
  'sign-layout': {
    why: 'a signature is put at the end of the file, where nothing else may be',
    how: 'bytes were appended to the kernel, such as the signature of a module',
  },
  'sign-key': {
    why: 'a signature by another key than that of the certificate would be refused everywhere',
    how: 'the key has a passphrase, is of another kind, or belongs to another certificate',
  },
  'sign-token': {
    why: 'a token signs with the key that the URI names; of two that fit, nobody would know which signed',
    how: 'the URI fits no key or several, the token is not plugged in, or the PIN is wrong',
  },
  'sign-certificate': {
    why: 'the kernel refuses a signature whose time is outside of the validity',
    how: 'the certificate has expired, or the clock of the build machine is wrong',
  },
  'sign-command': {
    why: 'the signature is what the command prints; a failed command printed something else',
    how: 'the token is not there, its PIN is wrong, or the command prints text',
  },
  'signature-index': {
    why: 'signatures are numbered from 0; there is none with that number',
    how: 'the file has fewer signatures, or none',
  },
} as const satisfies CheckNotes;
