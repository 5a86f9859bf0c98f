# The witness for x86_64: the smallest program that reports how it was handed over by the 64-bit entry of boot.rst.
#
# It writes what it finds to COM1, a `key=value` a line between `witness: begin` and `witness: end`, and switches QEMU's q35
# off. Its own GDT is the one that it was given.
#
#   rax … r15, rsp, rflags, cs, ds, es, ss, cr0, cr3, cr4
#   boot-code, boot-data   the descriptors of the selectors 0x10 and 0x18
#   xcr0                   0x0 if the CPU has none

        .equ    COM1, 0x3f8
        .equ    LSR, 5
        .equ    LSR_THRE_BIT, 5
        .equ    PM1_CONTROL, 0x604
        .equ    SLEEP_ENABLE, 0x2000
        .equ    CR4_OSXSAVE, 1 << 18
        .equ    LEAF1_ECX_XSAVE, 26

        .macro  saved name
        .pushsection .rodata
.Lname\@: .asciz "\name"
        .popsection
        .quad   .Lname\@ - values
        .endm

        .text
        .globl  witness
witness:
        mov     %rax, values + 8(%rip)
        .set    at, 24
        .irp    register, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15, cr0, cr3, cr4
        .ifc    \register, cr0
        .set    in_control, 1
        .endif
        .ifdef  in_control
        mov     %\register, %rax
        mov     %rax, values + at(%rip)
        .else
        mov     %\register, values + at(%rip)
        .endif
        .set    at, at + 16
        .endr
        .irp    register, cs, ds, es, ss
        xor     %eax, %eax
        mov     %\register, %eax
        mov     %rax, values + at(%rip)
        .set    at, at + 16
        .endr
        lea     stack(%rip), %rsp
        pushf
        pop     values + at(%rip)
        .set    at, at + 16
        sub     $16, %rsp
        sgdt    (%rsp)
        mov     2(%rsp), %rax
        mov     0x10(%rax), %rdx
        mov     %rdx, values + at(%rip)
        .set    at, at + 16
        mov     0x18(%rax), %rdx
        mov     %rdx, values + at(%rip)
        .set    at, at + 16
        mov     $1, %eax
        cpuid
        bt      $LEAF1_ECX_XSAVE, %ecx
        jnc     1f
        mov     %cr4, %rax
        or      $CR4_OSXSAVE, %rax
        mov     %rax, %cr4
        xor     %ecx, %ecx
        xgetbv
        mov     %eax, values + at(%rip)

1:      lea     begin(%rip), %rsi
        call    put_text
        lea     values(%rip), %rbx
2:      mov     (%rbx), %rax
        test    %rax, %rax
        jz      3f
        lea     values(%rip), %rsi
        add     %rax, %rsi
        call    put_text
        lea     equals(%rip), %rsi
        call    put_text
        mov     8(%rbx), %rdx
        call    put_hex
        lea     newline(%rip), %rsi
        call    put_text
        add     $16, %rbx
        jmp     2b
3:      lea     end(%rip), %rsi
        call    put_text
        mov     $PM1_CONTROL, %edx
        mov     $SLEEP_ENABLE, %eax
        out     %ax, %dx
4:      hlt
        jmp     4b

put_text:
        lodsb
        test    %al, %al
        jz      1f
        call    put_char
        jmp     put_text
1:      ret

put_char:
        mov     %eax, %edi
        mov     $COM1 + LSR, %edx
1:      in      %dx, %al
        bt      $LSR_THRE_BIT, %eax
        jnc     1b
        mov     $COM1, %edx
        mov     %edi, %eax
        out     %al, %dx
        ret

put_hex:
        mov     %rdx, %rbp
        mov     $64, %ecx
1:      sub     $4, %ecx
        jz      2f
        mov     %rbp, %rax
        shr     %cl, %rax
        jz      1b
2:      mov     %rbp, %rax
        shr     %cl, %rax
        and     $15, %eax
        lea     digits(%rip), %rsi
        mov     (%rsi, %rax), %al
        mov     %ecx, %r12d
        call    put_char
        mov     %r12d, %ecx
        sub     $4, %ecx
        jns     2b
        ret

        .section .rodata
begin:  .asciz  "witness: begin\n"
end:    .asciz  "witness: end\n"
equals: .asciz  "=0x"
newline: .asciz "\n"
digits: .ascii  "0123456789abcdef"

        .data
        .balign 16
values:
        .irp    name, rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15
        saved   \name
        .quad   0
        .endr
        .irp    name, cr0, cr3, cr4, cs, ds, es, ss, rflags, boot-code, boot-data, xcr0
        saved   \name
        .quad   0
        .endr
        .quad   0
        .zero   1024
stack:
