/**
 * Every check that can refuse an input: its rule in one sentence, and the document or the kernel function that
 * sets the rule. Errors and trails name a check by its key, so the rule is told in one place only.
 */
export interface CheckRule {
  /** What must hold. */
  readonly rule: string;
  /** Who says so. */
  readonly source: string;
}

const BOOTING = 'Documentation/arch/arm64/booting.rst';
const DTSPEC = 'Devicetree Specification v0.4, chapter 5';
const PESPEC = 'PE/COFF specification';
const ELFSPEC = 'ELF-64 object file format; ELF for the Arm 64-bit architecture';
const INITRAMFS = 'Documentation/driver-api/early-userspace/buffer-format.rst';

export const CHECKS = {
  // Files
  'file-size': { rule: 'a kernel or an initrd holds 1 byte to 4 GiB', source: 'kernel_read_file()' },
  'file-access': { rule: 'every named file can be read, or written and renamed', source: 'kexec-file' },
  'file-kind': { rule: 'the file is of a kind that kexec-file knows', source: 'kexec-file' },

  // arm64 Image
  'image-header': { rule: 'an arm64 Image begins with a 64-byte header', source: 'image_probe()' },
  'image-magic': { rule: 'bytes 56 to 59 of an arm64 Image are "ARM\\x64"', source: 'image_probe()' },
  'image-size': { rule: 'image_size is not 0', source: 'image_load()' },
  'image-span': { rule: 'text_offset + image_size fits in 64 bits', source: BOOTING },
  'image-endianness': {
    rule: "the Image's byte order is the running kernel's, or the CPUs can do both",
    source: 'image_load()',
  },
  'image-granule': { rule: "the CPUs have the Image's translation granule", source: 'image_load()' },

  // PE
  'pe-header': { rule: 'MZ, PE, COFF and optional headers lie within the file', source: PESPEC },
  'pe-section': {
    rule: "a section's bytes lie within the file, behind the headers, and overlap no other's",
    source: PESPEC,
  },
  'pe-directory': { rule: 'data directories lie within the optional header', source: PESPEC },
  'pe-certificates': {
    rule: 'the certificate table lies within the file, behind headers and apart from sections, as do its entries',
    source: PESPEC,
  },

  // Device tree
  'dtb-header': {
    rule: 'the header has the magic d00dfeed, a version from 16 that can be read as 17, and aligned blocks in the file',
    source: DTSPEC,
  },
  'dtb-structure': {
    rule: 'the structure block is a well-formed tree of nodes and properties',
    source: DTSPEC,
  },
  'dtb-strings': {
    rule: 'property names lie within the strings block, have 1 to 255 bytes and end in NUL',
    source: DTSPEC,
  },
  'dtb-reservations': {
    rule: 'the reservation block ends in an entry of size 0 within the file',
    source: DTSPEC,
  },
  'dtb-value': { rule: "a property's value has the length and form its name calls for", source: DTSPEC },
  'dtb-size': { rule: 'a device tree for an arm64 kernel is at most 2 MiB', source: BOOTING },
  'dtb-chosen': {
    rule: "the next kernel's /chosen can be written",
    source: 'of_kexec_alloc_and_setup_fdt()',
  },
  'board-compatible': {
    rule: "a board file's compatible has a name in common with that of the running device tree",
    source: 'Devicetree Specification v0.4, section 2.3.1',
  },
  'board-memory': {
    rule: 'a board file has no memory where the machine has none',
    source: 'Devicetree Specification v0.4, section 3.4',
  },
  'board-merge': {
    rule: 'what firmware told the running kernel of memory, CPUs and UEFI stays in a board file',
    source: BOOTING,
  },

  // cpio
  'cpio-header': {
    rule: 'every entry begins with 070701 or 070702 and 13 numbers of 8 hex digits',
    source: INITRAMFS,
  },
  'cpio-entry': {
    rule: "an entry's name is 1 to 4096 bytes with its NUL; name and data lie within the archive",
    source: INITRAMFS,
  },
  'cpio-checksum': {
    rule: "the checksum of a 070702 entry is the sum of its data's bytes",
    source: INITRAMFS,
  },

  // ELF objects
  'elf-header': {
    rule: 'an object is a relocatable 64-bit little-endian AArch64 ELF file of at most 1 MiB',
    source: ELFSPEC,
  },
  'elf-section': {
    rule: 'sections lie within the file and apart, and take at most 1 MiB where their alignment allows',
    source: ELFSPEC,
  },
  'elf-symbol': { rule: 'a named symbol is defined, in a section that is loaded', source: ELFSPEC },
  'elf-relocation': { rule: 'a relocation is of a known type, in range and aligned', source: ELFSPEC },
  'elf-core': {
    rule: 'an ELF core is a 64-bit little-endian AArch64 file of type ET_CORE with its program headers in it',
    source: 'parse_crash_elf64_headers()',
  },

  // Kernel files around an Image
  'kernel-file': {
    rule: 'a kernel file holds an arm64 Image, in at most 6 wrappings of the kinds that kexec-file knows',
    source: 'kexec-file',
  },
  'compressed-data': {
    rule: 'compressed data is whole and well-formed, and its checksums hold',
    source: 'the specification of its format',
  },
  'unwrapped-size': {
    rule: 'an Image in a file has at most image_size bytes, and all that is decompressed at most 192 MiB',
    source: 'kexec-file',
  },
  zboot: { rule: 'the payload lies within the file, and its compression is known', source: 'zboot-header.S' },
  uki: {
    rule: 'a UKI has one .linux, and one section of every other name that is used',
    source: 'UAPI Group Specifications, UKI; systemd-stub(7)',
  },
  vmlinux: {
    rule: "an AArch64 ELF-64 file's PT_LOADs lie within the file and apart, and an Image header is at its entry",
    source: 'ELF-64 object file format; arch/arm64/kernel/vmlinux.lds.S',
  },
  uimage: {
    rule: 'a uImage is Linux for arm64, and header and data have the CRCs that the header says',
    source: "U-Boot's image.h",
  },
  fit: {
    rule: 'a FIT has a configuration whose images lie within the file, and have the hashes that it says',
    source: "U-Boot's Flat Image Tree specification",
  },

  // Memory and machine
  'iomem-line': {
    rule: 'a line is START-END : NAME in hex, and ranges nest',
    source: '/proc/iomem, r_show()',
  },
  'memblock-line': {
    rule: 'a line is N: START..END, with node and flags on newer kernels',
    source: 'memblock_debug_show()',
  },
  'range-order': {
    rule: 'a range does not end before it starts, and stays within 64 bits',
    source: 'kexec-file',
  },
  'machine-schema': { rule: 'a machine file has the fields of its format version', source: 'kexec-file' },
  'machine-facts': { rule: 'the machine says where its RAM is and has a device tree', source: 'kexec-file' },
  'machine-text': {
    rule: 'a collected file has the form in which the kernel prints it',
    source: 'kexec-file',
  },
  'machine-archive': {
    rule: 'collected files are a folder or a tar whose checksums fit, of at most 32 MiB; a text has at most 2 MiB',
    source: 'kexec-file',
  },
  'machine-live': { rule: 'a machine that records itself runs Linux on arm64', source: 'kexec-file' },

  // Signatures
  ber: { rule: 'the encoding fits the grammar, as the kernel reads BER', source: 'asn1_ber_decoder()' },
  certificate: {
    rule: 'a certificate has the parts of RFC 5280, by algorithms that are known',
    source: 'x509_cert_parse()',
  },
  'certificate-time': {
    rule: 'times are UTCTime to 2049, GeneralizedTime from then on',
    source: 'x509_decode_time()',
  },
  'public-key': {
    rule: 'the signature was made by the key over the digest',
    source: 'public_key_verify_signature()',
  },
  'pe-signed': {
    rule: 'the PE file has a certificate table, within itself',
    source: 'pefile_parse_binary()',
  },
  'pe-wrapper': {
    rule: 'the first WIN_CERTIFICATE has revision 2.0, type PKCS#7, and a DER SEQUENCE of at most 64 KiB',
    source: 'pefile_strip_sig_wrapper()',
  },
  'pkcs7-content': {
    rule: 'the signature is a PKCS#7 SignedData over SpcIndirectData',
    source: 'pkcs7_parse_message()',
  },
  'pkcs7-algorithm': {
    rule: 'digests and keys are by algorithms that are known',
    source: 'pkcs7_parse_message()',
  },
  'pkcs7-attributes': {
    rule: 'all signers have authenticated attributes, contentType and messageDigest among them, none twice',
    source: 'pkcs7_sig_note_authenticated_attr()',
  },
  'pkcs7-digest': { rule: 'messageDigest is the digest of the content', source: 'pkcs7_digest()' },
  'pkcs7-time': { rule: "the signing time lies within the signer's validity", source: 'pkcs7_verify_one()' },
  'pkcs7-chain': {
    rule: 'every embedded certificate is signed by the one that it names',
    source: 'pkcs7_verify_sig_chain()',
  },
  blacklist: { rule: 'neither signer nor issuers are blacklisted', source: 'is_key_on_revocation_list()' },
  trust: { rule: 'a chain of certificates leads to a trusted keyring', source: 'pkcs7_validate_trust()' },
  mscode: { rule: 'the content names a PE image, a digest algorithm and a digest', source: 'mscode_parse()' },
  'pe-contents': {
    rule: 'headers, sections and certificate table are in the file, and add up to it',
    source: 'pefile_digest_pe_contents()',
  },
  'pe-digest': { rule: 'the digest of the PE file is the signed one', source: 'pefile_digest_pe()' },

  // Signing
  'sign-layout': {
    rule: 'the certificate table has its data directory, and nothing behind it; sections follow the directories',
    source: PESPEC,
  },
  'sign-key': {
    rule: "the private key can be read, is RSA or ECDSA, and is the certificate's",
    source: 'kexec-file',
  },
  'sign-certificate': {
    rule: 'a certificate signs within its validity',
    source: 'RFC 5280, section 4.1.2.5',
  },
  'sign-command': { rule: 'the signer command ends with 0 and gives a signature', source: 'kexec-file' },
  'signature-index': { rule: 'the file has a signature of that index', source: 'kexec-file' },

  // Keyrings
  'keyring-file': {
    rule: 'a keyring file has certificates in PEM or DER, an EFI signature list or variable of at most 4 MiB, or is a shim',
    source: 'kexec-file',
  },
  'keyring-role': {
    rule: 'db and MokListRT give trust, dbx and MokListXRT take it',
    source: 'load_uefi_certs()',
  },
  pem: {
    rule: 'a PEM block is base64 between a BEGIN line and an END line with the same label',
    source: 'RFC 7468',
  },
  'der-certificates': {
    rule: 'certificates in DER are SEQUENCEs, one after another, and nothing else',
    source: 'x509_load_certificate_list()',
  },
  'efi-signature-list': {
    rule: 'a signature list lies within its data and holds whole signatures, each with its owner',
    source: 'UEFI Specification 2.10, section 32.4.1; parse_efi_signature_list()',
  },
  'efi-variable': {
    rule: 'an EFI variable has its attributes, or its time and signature, before its data',
    source: 'Documentation/filesystems/efivarfs.rst; UEFI Specification 2.10, section 8.2.2',
  },
  'vendor-cert': {
    rule: '.vendor_cert is two sizes, two offsets, and what they point at within the section',
    source: "shim's cert.S",
  },

  // Appended signatures and IMA
  'module-signature': {
    rule: 'before the marker are content, PKCS#7, and 12 bytes: id_type 2, the length, and otherwise 0',
    source: 'mod_check_sig()',
  },
  'ima-xattr': {
    rule: 'a signature in security.ima is 03 02, digest algorithm, key id, size, and so many bytes',
    source: 'asymmetric_verify()',
  },
  'ima-signature': {
    rule: "a key of .ima or .platform signed the file's digest",
    source: 'ima_appraise_measurement()',
  },

  // The system call
  'command-line': {
    rule: 'the command line is at most 2047 bytes and has no NUL',
    source: 'COMMAND_LINE_SIZE, kexec_file_load(2)',
  },
  lockdown: {
    rule: 'a locked-down kernel loads only what is signed, and no segments',
    source: 'kimage_validate_signature(), kexec_load_check()',
  },
  signature: { rule: 'the signature is checked as the policy says', source: 'kimage_validate_signature()' },
  'crash-region': {
    rule: 'a crash kernel needs a crash region: crashkernel= on the running command line',
    source: 'kimage_file_alloc_init()',
  },
  elfcorehdr: {
    rule: 'a crash kernel is told of the notes of every CPU, VMCOREINFO, the kernel, and RAM less the crash regions',
    source: 'crash_prepare_elf64_headers()',
  },
  entry: { rule: 'the CPU enters purgatory, or what --entry says', source: 'kexec-file' },
  'segment-count': { rule: 'a kimage has at most 16 segments', source: 'kexec_add_buffer()' },
  'segment-hole': {
    rule: 'free memory holds the segment within its window',
    source: 'kexec_locate_mem_hole()',
  },
  'segment-page': { rule: 'segments begin and end on pages', source: 'sanity_check_segment_list()' },
  'segment-bytes': { rule: 'a segment has no more bytes than memory', source: 'sanity_check_segment_list()' },
  'segment-overlap': { rule: 'segments do not overlap', source: 'sanity_check_segment_list()' },
  'segment-total': { rule: 'segments take at most half of the RAM', source: 'sanity_check_segment_list()' },
  'segment-crash': {
    rule: 'segments and entry of a crash kernel lie in the crash region',
    source: 'sanity_check_segment_list()',
  },

  // Crash dumps
  'dump-kind': {
    rule: 'a dump is an ELF core, or what makedumpfile makes of one: compressed, or flattened',
    source: 'kexec-file',
  },
  'kdump-header': {
    rule: 'a compressed dump has its header, notes, bitmaps and page descriptors within the file',
    source: "makedumpfile's diskdump_mod.h",
  },
  'kdump-page': {
    rule: 'a page is stored as it is, or by zlib, lzo, snappy or zstd, and unpacks to one page',
    source: "makedumpfile's diskdump_mod.h",
  },
  'kdump-flattened': {
    rule: 'a flattened dump is a header of 4096 bytes and pieces with their places, up to an end mark',
    source: "makedumpfile's makedumpfile.h",
  },
  'dump-memory': { rule: 'what is read was dumped, and is in the file', source: '/proc/vmcore' },
  'dump-address': {
    rule: 'a virtual address is mapped by the page tables of the kernel that crashed',
    source: 'Arm Architecture Reference Manual, D8.3',
  },
  vmcoreinfo: {
    rule: 'VMCOREINFO tells what a dump is read by',
    source: 'crash_save_vmcoreinfo_init(), Documentation/admin-guide/kdump/vmcoreinfo.rst',
  },
  'dump-log': {
    rule: "the kernel's log is a ring whose descriptors and texts lie in memory that was dumped",
    source: 'printk_ringbuffer.h; log_buf of Linux up to 5.9',
  },
  'dump-save': {
    rule: 'what is saved is a dump as the kernel made it, whole, into a file that is new or goes on with the same',
    source: 'kexec-file',
  },
  'crash-estimate': { rule: 'a crash region is at most as large as the RAM leaves', source: 'kexec-file' },

  // The live machine
  'live-platform': {
    rule: 'the system calls of kexec are made on arm64 Linux, through koffi',
    source: 'kexec-file',
  },
  'live-permission': {
    rule: 'the caller has CAP_SYS_BOOT, kernel.kexec_load_disabled is 0, and kexec_load_limit_* leaves a load',
    source: 'kexec_load_permitted()',
  },
  'live-option': {
    rule: 'every option has its effect: what the system call cannot take is refused',
    source: 'kexec-file',
  },
  'live-machine': {
    rule: 'a machine file is loaded on the machine that it was recorded on',
    source: 'kexec-file',
  },
  'live-state': { rule: 'a kernel is loaded before it is executed', source: 'kernel_kexec()' },
  'kexec-load': { rule: 'the kernel takes the segments', source: 'kexec_load(2)' },
  'kexec-file-load': { rule: 'the kernel takes the files', source: 'kexec_file_load(2)' },
  reboot: { rule: 'the kernel enters the loaded one', source: 'reboot(2)' },

  // Hand-over
  'purgatory-regions': {
    rule: 'purgatory verifies every segment but its own, 16 at most',
    source: 'docs/purgatory.md',
  },
  'purgatory-map': {
    rule: 'purgatory maps addresses of 48 bits, each page for one use',
    source: 'Arm Architecture Reference Manual, D8.3',
  },
  'purgatory-serial': {
    rule: 'purgatory speaks to a PL011 or an 8250 at an address of its own',
    source: 'docs/purgatory.md',
  },
  'purgatory-mismatch': {
    rule: 'a reset is asked of PSCI, by the conduit that the device tree names',
    source: 'Arm Power State Coordination Interface (DEN0022), section 5.1',
  },
  tamper: { rule: 'what --tamper names is a byte of a segment', source: 'kexec-file' },
  'qemu-run': { rule: 'QEMU can be started and ends by itself', source: 'kexec-file' },
  'qemu-machine': { rule: 'the machine is one that QEMU can be', source: 'kexec-file' },
} as const satisfies Record<string, CheckRule>;

/** The name of a check. */
export type Check = keyof typeof CHECKS;
