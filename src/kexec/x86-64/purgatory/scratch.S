# All memory that purgatory writes to.

        .bss
        .balign 64
        variable schedule, 64*32        # SHA-256's message schedule of all lanes
        variable state, 8*32            # SHA-256's state of all lanes
        variable message, 13*64         # the second level's: eight digests, up to 511 bytes, and their end
        variable ni_state, 64           # sha256-ni.S
        variable digest, DIGEST_SIZE    # of a region
        variable idt, 32*16
        variable sha256_blocks, 8       # the function of the chosen way
        variable entry_cr0, 8
        variable entry_cr3, 8           # 0: no device is mapped
        variable entry_cr4, 8
        variable entry_xcr0, 8
        variable uart_return, 8         # the stack pointer of the function that uses the UART
        variable way, 4                 # WAY_SSE2 …
        variable simd_is_on, 4
        variable serial_is_dead, 4      # an access to the UART failed: it is not touched again
        .balign 16
        variable gdt_register, 16
        variable idt_register, 16
        variable entry_idt_register, 16
        .balign 16
        .zero   2048
        variable stack_top, 0
        variable tables, 5*4096         # map-device.S: four pages
