# Exceptions. An access to a UART that does not exist, or that a confidential guest may not make (#VC, #VE), makes
# purgatory silent; a CPU that has no CPUID to offer there makes it use none of what CPUID reports. Purgatory reports any
# other exception, and handles it as a mismatch.

        .equ    VECTORS, 32
        .equ    NMI, 2
        .equ    ERROR_CODES, 0x60227d00 # the vectors that come with one: 8, 10 to 14, 17, 21, 29, 30
        .equ    GATE, 0x8e00            # present, an interrupt gate of 64 bits
        .equ    GATE_SIZE, 16
        .equ    ENTRY_SIZE, 8

        .text

# An NMI is ignored: a watchdog's, or that of a machine check in progress, must not stop the next kernel.
        .balign ENTRY_SIZE
exception_entries:
        .set    vector, 0
        .rept   VECTORS
        .if     vector == NMI
        iretq
        .else
        call    exception               # its return address says which
        .endif
        .balign ENTRY_SIZE
        .set    vector, vector + 1
        .endr
        .equ    CALL_SIZE, 5

function take_exceptions
        sidt    entry_idt_register(%rip)
        lea     exception_entries(%rip), %rax
        lea     idt(%rip), %rdi
        mov     $VECTORS, %ecx
1:      movzwl  %ax, %r8d
        or      $BOOT_CS << 16, %r8d
        mov     %eax, %edx
        and     $0xffff0000, %edx
        or      $GATE, %edx
        shl     $32, %rdx
        or      %rdx, %r8
        mov     %r8, (%rdi)
        mov     %rax, %rdx
        shr     $32, %rdx
        mov     %rdx, 8(%rdi)
        add     $ENTRY_SIZE, %rax
        add     $GATE_SIZE, %rdi
        dec     %ecx
        jnz     1b
        lea     idt(%rip), %rax
        mov     %rax, idt_register + 2(%rip)
        movw    $VECTORS * GATE_SIZE - 1, idt_register(%rip)
        lidt    idt_register(%rip)
        ret

function leave_exceptions
        lidt    entry_idt_register(%rip)
        ret

# On the stack: the return address into exception_entries, perhaps an error code, then RIP, CS, RFLAGS, RSP, SS.
exception:
        pop     %rax
        lea     exception_entries + CALL_SIZE(%rip), %rdx
        sub     %rdx, %rax
        shr     $3, %eax                # the vector
        xor     %edx, %edx
        mov     $ERROR_CODES, %ecx
        bt      %eax, %ecx
        jnc     1f
        pop     %rdx
1:      mov     (%rsp), %rcx
        lea     uart_access(%rip), %r8
        lea     uart_access_end(%rip), %r9
        cmp     %r8, %rcx
        jb      2f
        cmp     %r9, %rcx
        jb      uart_failed
2:      lea     cpuid_access(%rip), %r8
        lea     cpuid_access_end(%rip), %r9
        cmp     %r8, %rcx
        jb      3f
        cmp     %r9, %rcx
        jae     3f
        mov     24(%rsp), %rsp
        jmp     cpuid_failed

3:      mov     %eax, %r12d
        mov     %rdx, %r13
        mov     %rcx, %r14
        mov     %cr2, %r15
        lea     stack_top(%rip), %rsp   # what was on the stack is no longer of use
        call    disable_simd
        call    begin_line
        say     "exception "
        mov     %r12, %rdi
        call    put_decimal
        say     ", error code 0x"
        mov     %r13, %rdi
        call    put_hex
        say     ", RIP 0x"
        mov     %r14, %rdi
        call    put_hex
        say     ", CR2 0x"
        mov     %r15, %rdi
        call    put_hex
        call    end_line
        call    mismatch                # returns if on_mismatch says to continue
        jmp     leave
