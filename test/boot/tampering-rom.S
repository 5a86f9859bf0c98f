# Firmware for QEMU's q35. At each reset it loads segments from its ROM into RAM, changes the bit of the next place in a list,
# and enters purgatory in the state of kexec_load(2): 64-bit mode, identity map, interrupts off. RAM keeps its contents
# over a reset, so that a word of it counts the resets. tampering-rom.ts makes the ROM around this code.
#
# Symbols that the linker gets: segments, places, entry.

        .equ    RESETS, 0x8000          # physical address of the count
        .equ    TABLES, 0x10000         # physical address of the page tables: one PML4, one PDPT, four page directories
        .equ    TABLE_SIZE, 4096
        .equ    LARGE_PAGE, 0x200000
        .equ    TABLE_FLAGS, 3          # present, writable
        .equ    PAGE_FLAGS, 0x83        # and a page of 2 MiB
        .equ    CR0_PE, 1
        .equ    CR0_PG, 1 << 31
        .equ    CR0_CD_NW, 3 << 29
        .equ    CR4_PAE, 1 << 5
        .equ    EFER, 0xc0000080
        .equ    EFER_LME, 1 << 8

        .text
rom:                                    # the last 64 KiB below 4 GiB, which the CPU reaches in real mode after a reset
        .code16
in_real_mode:
        cli
        cld
        lgdtl   %cs:gdt_register - rom
        mov     %cr0, %eax
        or      $CR0_PE, %eax
        mov     %eax, %cr0
        ljmpl   $8, $in_protected_mode

        .code32
in_protected_mode:
        mov     $0x18, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     $TABLES, %edi
        xor     %eax, %eax
        mov     $6 * TABLE_SIZE / 4, %ecx
        rep stosl
        movl    $TABLES + TABLE_SIZE + TABLE_FLAGS, TABLES
        .irp    index, 0, 1, 2, 3
        movl    $TABLES + (2 + \index) * TABLE_SIZE + TABLE_FLAGS, TABLES + TABLE_SIZE + 8 * \index
        .endr
        mov     $TABLES + 2 * TABLE_SIZE, %edi
        mov     $PAGE_FLAGS, %eax
1:      mov     %eax, (%edi)
        add     $8, %edi
        add     $LARGE_PAGE, %eax
        jnc     1b                      # up to 4 GiB
        mov     %cr4, %eax
        or      $CR4_PAE, %eax
        mov     %eax, %cr4
        mov     $TABLES, %eax
        mov     %eax, %cr3
        mov     $EFER, %ecx
        rdmsr
        or      $EFER_LME, %eax
        wrmsr
        mov     %cr0, %eax
        and     $~CR0_CD_NW, %eax
        or      $CR0_PG, %eax
        mov     %eax, %cr0
        ljmpl   $0x10, $in_long_mode

        .code64
in_long_mode:
        mov     $segments, %ebx         # u64 each: address in RAM, address in ROM, length, length of the zeros behind
1:      mov     (%rbx), %rdi
        test    %rdi, %rdi
        jz      2f
        mov     8(%rbx), %rsi
        mov     16(%rbx), %rcx
        rep movsb
        mov     24(%rbx), %rcx
        xor     %eax, %eax
        rep stosb
        add     $32, %rbx
        jmp     1b
2:      mov     RESETS, %ecx
        incl    RESETS
        mov     $places, %ebx           # u64 each: address, the bits to change
        shl     $4, %ecx
        add     %rcx, %rbx
        mov     (%rbx), %rdi
        mov     8(%rbx), %eax
        xor     %al, (%rdi)
        mov     $entry, %ebx
        jmp     *%rbx

        .balign 8
gdt:    .quad   0
        .quad   0x00cf9b000000ffff      # 0x08: 32-bit code
        .quad   0x00af9b000000ffff      # 0x10: 64-bit code
        .quad   0x00cf93000000ffff      # 0x18: data
gdt_register:
        .word   . - gdt - 1
        .long   gdt

        .org    0xfff0                  # where a CPU starts
        .code16
        jmp     in_real_mode
        .balign 16
