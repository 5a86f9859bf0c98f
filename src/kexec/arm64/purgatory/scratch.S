// All memory that purgatory writes to, on pages of its own: with the MMU on, nothing else is mapped writable.

        .bss
        .balign 4096
        variable scratch, 0
        variable schedule, 2048         // SHA-256's, aligned to 2048
        variable words, 1024            // SHA-256's, aligned to 1024
        variable last_blocks, 128       // SHA-256's
        variable digest, DIGEST_SIZE    // of a region
        variable saved_registers, 96    // mmu.S, exceptions.S
        variable serial_is_dead, 4      // an access to the UART failed: it is not touched again
        .balign 16
        .zero   704
        variable stack_top, 0
        .balign 4096
        variable scratch_end, 0
