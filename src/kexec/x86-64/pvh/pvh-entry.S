# Enters a kimage on a machine that loaded it from an ELF file, as relocate_kernel() of a leaving kernel does.
#
# A loader that knows PVH ("x86/HVM direct boot ABI" of Xen's documents), such as QEMU's -kernel, enters an ELF file at the
# address that its note XEN_ELFNOTE_PHYS32_ENTRY names: in 32-bit protected mode, with flat segments, and paging off. The
# 64-bit entry of the x86 boot protocol, and purgatory, need 64-bit mode and an identity map. Firmware has run by then, and may
# have written to memory that belongs to a segment: the file holds the segments elsewhere, and this code moves them.
#
# The builder of the file (pvh-elf.ts) puts the tables of that map behind this code, and sets its parameters.

        .equ    CR0_PE, 1 << 0
        .equ    CR0_PG, 1 << 31
        .equ    CR4_PAE, 1 << 5
        .equ    EFER, 0xc0000080
        .equ    EFER_LME, 1 << 8
        .equ    CODE_64, 8

        .text
        .code32
start:  mov     $0, %ebp                # parameter at offset 1: the physical address of `start`, below 4 GiB
        jmp     1f
        .balign 8
        .long   0                       # parameter at offset 8: the physical address of the tables' root, below 4 GiB
        .long   0
        .quad   0                       # parameter at offset 16: the kimage's entry
        .equ    ROOT, 8
        .equ    ENTRY, 16

1:      cli
        cld
        mov     $CR4_PAE, %eax
        mov     %eax, %cr4
        mov     ROOT(%ebp), %eax
        mov     %eax, %cr3
        mov     $EFER, %ecx
        rdmsr
        or      $EFER_LME, %eax
        wrmsr
        mov     $CR0_PG | CR0_PE, %eax
        mov     %eax, %cr0

        lea     gdt - start(%ebp), %eax
        mov     %eax, gdt_register - start + 2(%ebp)
        lgdt    gdt_register - start(%ebp)
        lea     in_64_bit_mode - start(%ebp), %eax
        mov     %eax, far_address - start(%ebp)
        ljmp    *far_address - start(%ebp)

        .code64
in_64_bit_mode:
        lea     segments(%rip), %rbx
1:      mov     (%rbx), %rsi
        mov     8(%rbx), %rdi
        mov     16(%rbx), %rdx
        mov     24(%rbx), %r8
        test    %r8, %r8
        jz      2f
        sub     %rdx, %r8
        mov     %rdx, %rcx
        shr     $3, %rcx
        rep movsq
        mov     %edx, %ecx
        and     $7, %ecx
        rep movsb
        xor     %eax, %eax
        mov     %r8, %rcx
        shr     $3, %rcx
        rep stosq
        mov     %r8d, %ecx
        and     $7, %ecx
        rep stosb
        add     $SEGMENT_SIZE, %rbx
        jmp     1b

        # Neither descriptor tables nor a stack that could be used, and all registers 0.
2:
        lgdt    no_table(%rip)
        lidt    no_table(%rip)
        xor     %eax, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %fs
        mov     %eax, %gs
        mov     %eax, %ss
        .irp    register, ebx, ecx, edx, esi, edi, ebp, esp, r8d, r9d, r10d, r11d, r12d, r13d, r14d, r15d
        xor     %\register, %\register
        .endr
        jmp     *start + ENTRY(%rip)

        .balign 8
gdt:    .quad   0
        .quad   0x00af9b000000ffff      # CODE_64: 64-bit code
        .equ    GDT_SIZE, . - gdt
gdt_register:
        .word   GDT_SIZE - 1
        .long   0
        .balign 4
far_address:
        .long   0
        .word   CODE_64
        .balign 8
no_table:
        .zero   10

        # Parameter at offset 512: where the bytes of each segment are, where they belong, their number, and the bytes of
        # memory that the segment takes; u64 each. The first of 0 bytes of memory ends the list.
        .org    512
        .equ    SEGMENT_SIZE, 32
segments:
        .zero   17 * SEGMENT_SIZE
