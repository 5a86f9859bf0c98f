# What the loader fills in before purgatory is loaded. Not in .bss: the loader sets only bytes that are in the file.

        .data
        .balign 8
        parameter kernel_entry, 8               # physical address of the kernel's 64-bit entry
        parameter boot_params_addr, 8           # physical address of the boot parameters

        # The regions to verify: u64 start and u64 length; the first of length 0 ends the list.
        parameter purgatory_sha_regions, 16*REGION_SIZE
        parameter purgatory_region_digests, 16*DIGEST_SIZE    # of each, as sha256.S has it
        parameter purgatory_region_names, 16*NAME_SIZE        # of each, ended by a NUL

        parameter serial_base, 8                # physical address or port of the UART
        parameter serial_kind, 4                # SERIAL_NONE, SERIAL_8250, SERIAL_8250_PORT
        parameter serial_shift, 4               # its registers are 1 << shift bytes apart
        parameter serial_width, 4               # 1, 2 or 4, the bytes of an access
        parameter on_mismatch, 4                # ON_MISMATCH_HALT …
        parameter reset_address, 8              # of the reset register, as RESET_… needs it
        parameter reset_kind, 4                 # RESET_NONE, RESET_MEMORY, RESET_PORT, RESET_PCI
        parameter reset_value, 4                # the byte that resets
        parameter use_sha2, 4                   # 0: never use the CPU's SHA-256 instructions
        parameter use_avx, 4                    # 0: never use AVX and AVX2
