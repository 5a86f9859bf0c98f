// What the loader fills in before purgatory is loaded. Not in .bss: the loader sets only bytes that are in the file.
// With the MMU on, this is mapped read-only.

        .data
        .balign 8
        parameter kernel_entry, 8               // physical address of the Image's first instruction
        parameter dtb_addr, 8                   // physical address of the device tree

        // The regions to verify: u64 start, aligned to 8 bytes, and u64 length; the first of length 0 ends the list.
        parameter purgatory_sha_regions, 16 * REGION_SIZE
        parameter purgatory_region_digests, 16 * DIGEST_SIZE    // SHA-256 of each
        parameter purgatory_region_names, 16 * NAME_SIZE        // of each, ended by a NUL

        parameter page_table_root, 8            // level 0 of the identity map; 0: verify with the MMU off
        parameter serial_base, 8                // physical address of the UART
        parameter serial_kind, 4                // SERIAL_NONE, SERIAL_PL011, SERIAL_8250, SERIAL_SBSA
        parameter serial_shift, 4               // of an 8250: its registers are 1 << shift bytes apart
        parameter serial_width, 4               // of an 8250: 1, 2 or 4, the bytes of an access
        parameter on_mismatch, 4                // ON_MISMATCH_HALT …
        parameter use_sha2, 4                   // 0: never use the CPU's SHA-2 instructions
