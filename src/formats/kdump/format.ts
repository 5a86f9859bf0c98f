/** Constants of makedumpfile's compressed dumps (diskdump_mod.h) on a 64-bit machine. Sizes are in bytes. */

/** The first bytes of a compressed dump. */
export const KDUMP_SIGNATURE = 'KDUMP   ';

/** `struct disk_dump_header`. */
export const DISK_DUMP_HEADER_SIZE = 464;
/** `struct kdump_sub_header`. */
export const SUB_HEADER_SIZE = 104;
/** `struct page_desc`. */
export const PAGE_DESCRIPTOR_SIZE = 24;

/** `DUMP_DH_COMPRESSED_…`: bits of the flags of a page descriptor. */
export const COMPRESSION_FLAGS = { none: 0, zlib: 0x01, lzo: 0x02, snappy: 0x04, zstd: 0x20 } as const;
