# Resets the machine, one way after another: by the reset register of ACPI's FADT (ACPI 6.5, 4.8.3.6), whose value and
# place the loader sets; by the keyboard controller's line to the CPU's reset pin; by the reset control register of Intel's
# chipsets (ICH9, 13.7.5); by an exception that nothing handles, with which a CPU shuts down.

        .equ    KEYBOARD_STATUS, 0x64
        .equ    KEYBOARD_INPUT_FULL, 2
        .equ    KEYBOARD_RESET, 0xfe
        .equ    RESET_CONTROL, 0xcf9
        .equ    SYSTEM_RESET, 2
        .equ    RESET_CPU, 4
        .equ    PCI_ADDRESS, 0xcf8
        .equ    PCI_DATA, 0xcfc
        .equ    POST_CODE, 0x80         # a write there takes about a microsecond, and does nothing else
        .equ    LONG_ENOUGH, 100000

        .text

# Never returns. From here on, an exception resets, too: there is no handler.
function reset_machine
        lidt    no_idt(%rip)
        mov     reset_address(%rip), %rdx
        mov     reset_kind(%rip), %ecx
        cmp     $RESET_PORT, %ecx
        je      2f
        cmp     $RESET_PCI, %ecx
        je      1f
        cmp     $RESET_MEMORY, %ecx
        jne     4f
        mov     %rdx, %rdi
        call    map_device
        mov     reset_address(%rip), %rdx
        mov     reset_value(%rip), %eax
        mov     %al, (%rdx)
        jmp     3f
1:      mov     %edx, %eax              # as PCI_ADDRESS takes it, but for the two lowest bits
        and     $~3, %eax
        mov     %edx, %ecx
        mov     $PCI_ADDRESS, %edx
        out     %eax, %dx
        mov     %ecx, %edx
        and     $3, %edx
        add     $PCI_DATA, %edx
2:      mov     reset_value(%rip), %eax
        out     %al, %dx
3:      call    wait_for_reset

4:      mov     $LONG_ENOUGH, %ecx
5:      in      $KEYBOARD_STATUS, %al
        test    $KEYBOARD_INPUT_FULL, %al
        jz      6f
        dec     %ecx
        jnz     5b
6:      mov     $KEYBOARD_RESET, %al
        out     %al, $KEYBOARD_STATUS
        call    wait_for_reset

        mov     $RESET_CONTROL, %edx
        in      %dx, %al
        and     $~(SYSTEM_RESET | RESET_CPU), %al
        or      $SYSTEM_RESET, %al
        out     %al, %dx
        or      $RESET_CPU, %al
        out     %al, %dx
        call    wait_for_reset
        ud2

wait_for_reset:
        mov     $LONG_ENOUGH, %ecx
1:      out     %al, $POST_CODE
        dec     %ecx
        jnz     1b
        ret

        .balign 8
no_idt: .zero   10
