# The serial console: a UART compatible with an 8250 (its registers as TL16C550 has them), by ports or in memory.
#
# The UART is taken as the leaving kernel left it. Its status is respected, with a bound: one that is not ready by then, or
# an access that ends in an exception (see exceptions.S), is the last one.

        .equ    LSR, 5
        .equ    LSR_THRE, 1 << 5
        .equ    LSR_TEMT, 1 << 6

        .equ    PATIENCE, 0x40000       # reads of the status; each takes about a microsecond

        .text

# Every access to the UART lies between uart_access and uart_access_end. uart_failed returns to the caller of the function
# that find_uart begins.
uart_access:

        # To \none if there is none, or none any more.
        .macro  find_uart none
        cmpl    $0, serial_is_dead(%rip)
        jne     \none
        cmpl    $SERIAL_NONE, serial_kind(%rip)
        je      \none
        mov     %rsp, uart_return(%rip)
        .endm

# The leaving kernel's identity map need not have a UART in memory.
function enable_uart
        find_uart 1f
        cmpl    $SERIAL_8250, serial_kind(%rip)
        jne     1f
        mov     serial_base(%rip), %rdi
        jmp     map_device
1:      ret

# Writes the character in dil.
function put_char
        find_uart 1f
        mov     $LSR_THRE, %esi
        call    wait_for_status
        mov     %edi, %eax
        jmp     write_uart
1:      ret

# Waits until what was written has left: the next kernel, or a reset, may drop what the UART still holds.
function drain_uart
        find_uart 1f
        mov     $LSR_TEMT, %esi
        jmp     wait_for_status
1:      ret

# Returns when a bit of sil is set in the status; keeps edi.
wait_for_status:
        mov     $PATIENCE, %r8d
1:      call    read_status
        test    %sil, %al
        jnz     2f
        dec     %r8d
        jnz     1b
        jmp     uart_failed
2:      ret

        # Reads the register at rdx into eax, or writes it, by an access as wide as the UART needs. Returns.
        .macro  access is_read
        mov     serial_width(%rip), %ecx
        cmpl    $SERIAL_8250_PORT, serial_kind(%rip)
        je      3f
        cmp     $2, %ecx
        je      1f
        ja      2f
        move    \is_read, mov, (%rdx), %al
1:      move    \is_read, mov, (%rdx), %ax
2:      move    \is_read, mov, (%rdx), %eax
3:      cmp     $2, %ecx
        je      4f
        ja      5f
        move    \is_read, port, %dx, %al
4:      move    \is_read, port, %dx, %ax
5:      move    \is_read, port, %dx, %eax
        .endm

        .macro  move is_read, how, place, register
        .ifc    \how, mov
        .if     \is_read
        mov     \place, \register
        .else
        mov     \register, \place
        .endif
        .else
        .if     \is_read
        in      \place, \register
        .else
        out     \register, \place
        .endif
        .endif
        ret
        .endm

# Returns the line status in al.
read_status:
        mov     serial_shift(%rip), %ecx
        mov     $LSR, %edx
        shl     %cl, %rdx
        add     serial_base(%rip), %rdx
        access  1

# Writes eax to the transmitter.
write_uart:
        mov     serial_base(%rip), %rdx
        access  0
uart_access_end:

uart_failed:
        movl    $1, serial_is_dead(%rip)
        mov     uart_return(%rip), %rsp
        ret
