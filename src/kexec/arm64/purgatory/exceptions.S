// Exceptions. The bus answers an access to a UART that does not exist with an error: purgatory goes on, silent. It reports any
// other exception, and handles it as a mismatch.

        .text

// VBAR: a table of entries of 128 bytes, aligned to 2 KiB. Interrupts and SErrors are masked, and purgatory is the only
// code there is, so that only its first entry (synchronous, with SP_EL0) and its fifth (with SP_ELx) are ever entered.
        .balign 2048
vectors:
        .rept   5
        b       exception
        .balign 128
        .endr

function take_exceptions
        str     x28, [sp, #-16]!
        find_regime x0
        adr     x2, saved_registers
        read    x0, vbar
        str     x0, [x2, #SAVED_VBAR]
        adr     x0, vectors
        write   vbar, x0
        isb
        ldr     x28, [sp], #16
        ret

function leave_exceptions
        str     x28, [sp, #-16]!
        find_regime x0
        adr     x2, saved_registers
        ldr     x0, [x2, #SAVED_VBAR]
        write   vbar, x0
        isb
        ldr     x28, [sp], #16
        ret

// An exception between the labels around an access to the UART makes that access the last one. Nothing is ever
// returned to but there, so that no register needs to be kept but those that serial.S keeps values in.
exception:
        find_regime x16
        read    x16, elr
        adr     x17, uart_access
        cmp     x16, x17
        b.lo    1f
        adr     x17, uart_access_end
        cmp     x16, x17
        b.hs    1f
        adr     x16, uart_failed
        write   elr, x16
        eret

1:      adr     x16, stack_top          // what was on the stack is no longer of use
        mov     sp, x16
        read    x19, sctlr
        tbz     x19, #0, 2f
        bl      disable_mmu
2:      find_regime x16
        bl      begin_line
        say     "exception, ESR 0x"
        read    x0, esr
        bl      put_hex
        say     ", ELR 0x"
        read    x0, elr
        bl      put_hex
        say     ", FAR 0x"
        read    x0, far
        bl      put_hex
        bl      end_line
        bl      mismatch                // returns if on_mismatch says to continue
        bl      leave_exceptions
        b       hand_over
