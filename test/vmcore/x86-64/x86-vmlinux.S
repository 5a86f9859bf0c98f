# A vmlinux of functions that call each other, in C's way with call frame information, and the kernel's entry code without it.
# x86-gdb.debian.test.ts has the stack that they leave.

        .cfi_sections .debug_frame

        # Each subtracts 24 from the stack pointer, so that its return address is 24 bytes above it.
        .macro  function name
        .globl  \name
        .type   \name, @function
\name:  .cfi_startproc
        sub     $24, %rsp
        .cfi_adjust_cfa_offset 24
        nop
        add     $24, %rsp
        .cfi_adjust_cfa_offset -24
        ret
        .cfi_endproc
        .size   \name, . - \name
        .endm

        .macro  entry name
        .globl  \name
        .type   \name, @function
\name:  nop
        nop
        .size   \name, . - \name
        .endm

        .text
        function panic
        function exc_page_fault
        function driver_read
        function do_syscall_64
        function sysvec_timer

        .globl  __entry_text_start, __entry_text_end
__entry_text_start:
        entry   entry_SYSCALL_64
        entry   asm_exc_page_fault
        entry   asm_sysvec_timer
__entry_text_end:
