// The serial console: a PL011 (Arm DDI 0183), a UART compatible with an 8250 (its registers as TL16C550 has them), or an
// SBSA generic UART (Arm DEN 0029, "Generic UART"): the registers of a PL011 that follow, but for CR.
//
// The UART is taken as the leaving kernel left it. Its status is respected, with a bound; an access that the bus
// refuses (see exceptions.S) is the last one.

        .equ    PL011_FR, 0x18
        .equ    PL011_FR_BUSY_BIT, 3
        .equ    PL011_FR_TXFF_BIT, 5
        .equ    PL011_CR, 0x30
        .equ    PL011_CR_UARTEN_TXE, 0x101

        .equ    LSR, 5                  // of an 8250
        .equ    LSR_THRE_BIT, 5

        .equ    PATIENCE, 0x10000       // reads of the status before a character is written regardless, or lost

        .text

// --- Texts and numbers

// Prints the text at x0, up to its NUL. A line feed becomes carriage return and line feed.
function put_text
        stp     x29, x30, [sp, #-32]!
        str     x19, [sp, #16]
        mov     x19, x0
1:      ldrb    w0, [x19], #1
        cbz     w0, 2f
        bl      put_char
        b       1b
2:      ldr     x19, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret

function begin_line
        stp     x29, x30, [sp, #-16]!
        say     "kexec-file: "
        ldp     x29, x30, [sp], #16
        ret

function end_line
        stp     x29, x30, [sp, #-16]!
        mov     w0, #'\r'
        bl      put_char
        mov     w0, #'\n'
        bl      put_char
        ldp     x29, x30, [sp], #16
        ret

// Prints x0 in hexadecimal, without zeros in front.
function put_hex
        clz     x1, x0
        lsr     x1, x1, #2
        mov     x2, #16
        sub     x1, x2, x1
        cmp     x1, #1
        csinc   x1, x1, xzr, hs         // at least one digit
        b       put_digits

// Prints x1 digits of x0, the lowest ones.
put_digits:
        stp     x29, x30, [sp, #-32]!
        stp     x19, x20, [sp, #16]
        mov     x19, x0
        lsl     x20, x1, #2
1:      sub     x20, x20, #4
        lsr     x0, x19, x20
        and     w0, w0, #0xf
        add     w1, w0, #'a' - 10
        add     w0, w0, #'0'
        cmp     w0, #'9'
        csel    w0, w0, w1, ls
        bl      put_char
        cbnz    x20, 1b
        ldp     x19, x20, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret

// Prints x0 in decimal.
function put_decimal
        stp     x29, x30, [sp, #-48]!
        add     x4, sp, #40             // digits, written backwards
        strb    wzr, [x4]
        mov     x1, #10
1:      udiv    x2, x0, x1
        msub    x3, x2, x1, x0
        add     w3, w3, #'0'
        strb    w3, [x4, #-1]!
        mov     x0, x2
        cbnz    x0, 1b
        mov     x0, x4
        bl      put_text
        ldp     x29, x30, [sp], #48
        ret

// Prints the DIGEST_SIZE bytes at x0.
function put_digest
        stp     x29, x30, [sp, #-32]!
        stp     x19, x20, [sp, #16]
        mov     x19, x0
        add     x20, x0, #DIGEST_SIZE
1:      ldrb    w0, [x19], #1
        mov     x1, #2
        bl      put_digits
        cmp     x19, x20
        b.ne    1b
        ldp     x19, x20, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret

// --- The UART

        // x9 its address, w10 its kind; to \none if there is none, or none any more.
        .macro  find_uart none
        adr     x9, serial_is_dead
        ldr     w9, [x9]
        cbnz    w9, \none
        ldr     w10, serial_kind
        cbz     w10, \none
        ldr     x9, serial_base
        .endm

        // x11 = the address of an 8250's register, w12 how wide an access is.
        .macro  register_8250 number
        ldr     w12, serial_shift
        mov     x11, #\number
        lsl     x11, x11, x12
        add     x11, x9, x11
        ldr     w12, serial_width
        .endm

        // w14 = an 8250's register at x11, by an access of w12 bytes.
        .macro  read_8250
        cmp     w12, #2
        b.eq    .Lhalf\@
        b.hi    .Lword\@
        ldrb    w14, [x11]
        b       .Lread\@
.Lhalf\@:
        ldrh    w14, [x11]
        b       .Lread\@
.Lword\@:
        ldr     w14, [x11]
.Lread\@:
        .endm

// Every access to the UART lies between uart_access and uart_access_end. They use no stack: where one fails,
// uart_failed returns to their caller.
uart_access:

// A PL011 that the leaving kernel did not use may be off. An SBSA generic UART has nothing that could be off.
function enable_uart
        find_uart 1f
        cmp     w10, #SERIAL_PL011
        b.ne    1f
        ldr     w11, [x9, #PL011_CR]
        mov     w12, #PL011_CR_UARTEN_TXE
        orr     w11, w11, w12
        str     w11, [x9, #PL011_CR]
1:      ret

// Writes the character in w0.
function put_char
        find_uart 9f
        mov     w13, #PATIENCE
        cmp     w10, #SERIAL_8250
        b.eq    2f
1:      ldr     w11, [x9, #PL011_FR]
        tbz     w11, #PL011_FR_TXFF_BIT, 8f
        subs    w13, w13, #1
        b.ne    1b
        b       8f

2:      register_8250 LSR
3:      read_8250
        tbnz    w14, #LSR_THRE_BIT, 4f
        subs    w13, w13, #1
        b.ne    3b
4:      cmp     w12, #2
        b.eq    7f
        b.hi    8f
        strb    w0, [x9]
        ret
7:      strh    w0, [x9]
        ret
8:      str     w0, [x9]                // PL011_DR, or an 8250's register 0
9:      ret

// Waits until what was written has left: the next kernel, or a reset, may drop what the UART still holds.
function drain_uart
        find_uart 9f
        mov     w13, #PATIENCE
        cmp     w10, #SERIAL_8250
        b.eq    2f
1:      ldr     w11, [x9, #PL011_FR]
        tbz     w11, #PL011_FR_BUSY_BIT, 9f
        subs    w13, w13, #1
        b.ne    1b
        ret
2:      register_8250 LSR
3:      read_8250
        tbnz    w14, #LSR_THRE_BIT + 1, 9f      // TEMT
        subs    w13, w13, #1
        b.ne    3b
9:      ret
uart_access_end:

uart_failed:
        adr     x9, serial_is_dead
        mov     w10, #1
        str     w10, [x9]
        ret
