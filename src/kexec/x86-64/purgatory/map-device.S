# Maps a device's registers, uncached: Intel SDM, volume 3A, "4-Level Paging and 5-Level Paging".
#
# The tables of the leaving kernel are not changed. Those on the way to the device are copied, level by level, and the
# copies lead to a page of 2 MiB.

        .equ    CR4_LA57, 12
        .equ    TABLE_SIZE, 4096
        .equ    LARGE_PAGE_SHIFT, 21
        .equ    PRESENT, 1
        .equ    PAGE_SIZE_BIT, 1 << 7
        .equ    TO_TABLE, 0x23          # present, writable, accessed
        .equ    DEVICE, 0xfb            # present, writable, PWT, PCD, accessed, dirty, a large page

        .text

        # The first of the pages in `tables`. With an alignment of 4096 in the object, its file would be padded to it.
        .macro  find_tables to
        lea     tables + TABLE_SIZE - 1(%rip), \to
        and     $-TABLE_SIZE, \to
        .endm

# rdi: a physical address, whose registers do not cross 2 MiB. Maps it until unmap_device, or until the next call.
#
# rsi the leaving kernel's table, 0 if there is none; r8 its copy; r9 the level's shift; r10 the address; r11 the entry.
function map_device
        mov     %rdi, %r10
        mov     entry_cr3(%rip), %rsi
        test    %rsi, %rsi
        jnz     1f
        mov     %cr3, %rsi
        mov     %rsi, entry_cr3(%rip)
1:      mov     %cr4, %rax
        mov     $39, %r9d
        bt      $CR4_LA57, %rax
        jnc     2f
        mov     $48, %r9d
2:      find_tables %r8

3:      call    copy_table
        mov     %r9d, %ecx
        mov     %r10, %rax
        shr     %cl, %rax
        and     $511, %eax
        lea     (%r8, %rax, 8), %r11
        cmp     $LARGE_PAGE_SHIFT, %r9d
        je      4f
        mov     (%r11), %rsi            # the entry decides what the next table is a copy of
        add     $TABLE_SIZE, %r8
        lea     TO_TABLE(%r8), %rax
        mov     %rax, (%r11)
        sub     $9, %r9d
        jmp     3b

4:      mov     %r10, %rax
        shr     $LARGE_PAGE_SHIFT, %rax
        shl     $LARGE_PAGE_SHIFT, %rax
        or      $DEVICE, %rax
        mov     %rax, (%r11)
        find_tables %rax
        mov     %rax, %cr3
        ret

# Fills the table at r8 from the entry in rsi: a copy of the table that it points to, the same memory in smaller pages, or
# nothing. The root's entry is CR3.
copy_table:
        mov     %r8, %rdi
        mov     $TABLE_SIZE / 8, %ecx
        cmp     $LARGE_PAGE_SHIFT + 9, %r9d
        ja      1f
        test    $PRESENT, %sil
        jz      4f
        test    $PAGE_SIZE_BIT, %sil
        jz      2f
        mov     %rsi, %rax              # a page of 1 GiB
3:      mov     %rax, (%rdi)
        add     $1 << LARGE_PAGE_SHIFT, %rax
        add     $8, %rdi
        dec     %ecx
        jnz     3b
        ret
1:      find_tables %rax
        cmp     %rax, %r8
        je      2f
        test    $PRESENT, %sil
        jz      4f
2:      mov     $0x000ffffffffff000, %rax
        and     %rax, %rsi
        rep movsq
        ret
4:      xor     %eax, %eax
        rep stosq
        ret

# The leaving kernel's identity map applies again.
function unmap_device
        mov     entry_cr3(%rip), %rax
        test    %rax, %rax
        jz      1f
        mov     %rax, %cr3
1:      ret
