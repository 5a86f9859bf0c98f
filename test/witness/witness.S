// The witness: the smallest kernel that tells how it was handed over.
//
// An arm64 Image (Documentation/arch/arm64/booting.rst) for QEMU's virt machine. It writes what it finds to the
// PL011, a `key=value` a line between `witness: begin` and `witness: end`, and switches the machine off. Every loop
// is bounded, and an exception is reported and ends it too: a witness that is handed nonsense must not hang.
//
//   x0 … x3       the registers as handed over
//   el            CurrentEL, 1 or 2
//   sctlr, daif   SCTLR_EL1 or SCTLR_EL2, and DAIF: whether MMU, caches and interrupts are off
//   pc            its own load address
//   mmfr0         ID_AA64MMFR0_EL1
//   image-crc32   of its own bytes as the file has them
//   dtb-magic, dtb-size, dtb-crc32     the device tree that x0 points to; `dtb=none` if it points to none
//   bootargs, initrd-start, initrd-end out of /chosen, in the order in which they stand there
//   initrd-crc32  of the bytes from initrd-start to initrd-end
//
// crc32 is zlib's. With the MMU off memory is Device-nGnRnE, so every access is naturally aligned.

        .arch   armv8-a+crc

        .equ    UART, 0x09000000        // PL011 of the virt machine
        .equ    UARTDR, 0x00
        .equ    UARTFR, 0x18
        .equ    UARTFR_BUSY_BIT, 3
        .equ    UARTFR_TXFF_BIT, 5
        .equ    UARTCR, 0x30
        .equ    UARTCR_UARTEN_TXE, 0x101
        .equ    UART_PATIENCE, 0x10000  // reads of UARTFR before going on regardless

        .equ    PSCI_SYSTEM_OFF, 0x84000008

        .equ    FDT_MAGIC, 0xd00dfeed
        .equ    FDT_SIZE_LIMIT, 0x200000
        .equ    FDT_BEGIN_NODE, 1
        .equ    FDT_END_NODE, 2
        .equ    FDT_PROP, 3
        .equ    FDT_NOP, 4

        .equ    STACK_SIZE, 0x1000

// Registers that keep their meaning:
//   x19        device tree, as handed over in x0
//   x20 … x22  x1 … x3 as handed over; once printed: -, initrd start, initrd end (all ones: not seen)
//   x23 … x27  the walk over the device tree
//   x28        1 once an exception was taken or the machine is being switched off
// Subroutines take and give x0 and x1 and may change x0 to x17.

        // Loads the address of a text.
        .macro  text register, string
        .pushsection .rodata
.Ltext\@: .asciz "\string"
        .popsection
        adr     \register, .Ltext\@
        .endm

        .macro  say string
        text    x0, "\string"
        bl      put_text
        .endm

        .macro  tell key, register
        text    x0, "\key="
        mov     x1, \register
        bl      put_value
        .endm

        .text
        .globl  _start
_start:
        b       begin                   // code0
        nop                             // code1
        .quad   0                       // text_offset
        .quad   _end - _start           // image_size
        .quad   0b1010                  // flags: little-endian, 4K pages, anywhere in memory
        .quad   0, 0, 0                 // res2, res3, res4
        .ascii  "ARM\x64"               // magic
        .long   0                       // res5: no PE header

begin:
        mov     x19, x0
        mov     x20, x1
        mov     x21, x2
        mov     x22, x3
        mov     x28, xzr
        adr     x0, stack_top
        mov     sp, x0
        bl      set_vectors
        bl      enable_uart

        say     "witness: begin\n"
        tell    "x0", x19
        tell    "x1", x20
        tell    "x2", x21
        tell    "x3", x22
        bl      tell_cpu

        adr     x0, _start
        adr     x1, _file_end
        sub     x1, x1, x0
        bl      crc32
        mov     x23, x0
        tell    "image-crc32", x23

        mvn     x21, xzr
        mvn     x22, xzr
        bl      tell_dtb
        bl      tell_initrd
        say     "witness: end\n"
        b       power_off

// --- The processor

// Gives the exception level, 1 to 3, in x0.
exception_level:
        mrs     x0, CurrentEL
        ubfx    x0, x0, #2, #2
        ret

set_vectors:
        mov     x17, x30
        adr     x1, vectors
        bl      exception_level
        cmp     x0, #2
        b.eq    1f
        msr     vbar_el1, x1
        b       2f
1:      msr     vbar_el2, x1
2:      isb
        br      x17

tell_cpu:
        stp     x29, x30, [sp, #-16]!
        bl      exception_level
        mov     x23, x0
        say     "el="
        add     w0, w23, #'0'
        bl      put_char
        say     "\n"

        cmp     x23, #2
        b.eq    1f
        mrs     x24, sctlr_el1
        b       2f
1:      mrs     x24, sctlr_el2
2:      tell    "sctlr", x24
        mrs     x24, daif
        tell    "daif", x24
        adr     x24, _start
        tell    "pc", x24
        mrs     x24, id_aa64mmfr0_el1
        tell    "mmfr0", x24
        ldp     x29, x30, [sp], #16
        ret

// An exception: tells which, and switches off. One inside this, or inside power_off, ends in silence.
exception:
        cbnz    x28, halt
        mov     x28, #1
        adr     x0, stack_top
        mov     sp, x0
        bl      exception_level
        cmp     x0, #2
        b.eq    1f
        mrs     x23, esr_el1
        mrs     x24, elr_el1
        mrs     x25, far_el1
        b       2f
1:      mrs     x23, esr_el2
        mrs     x24, elr_el2
        mrs     x25, far_el2
2:      say     "\nwitness: exception\n"
        tell    "esr", x23
        tell    "elr", x24
        tell    "far", x25

// PSCI's conduit is hvc where QEMU plays the firmware for a machine that starts at EL1, smc where it starts at EL2.
power_off:
        mov     x28, #1
        mov     x9, #UART
        mov     w10, #UART_PATIENCE
1:      ldr     w11, [x9, #UARTFR]
        tbz     w11, #UARTFR_BUSY_BIT, 2f
        subs    w10, w10, #1
        b.ne    1b
2:      bl      exception_level
        cmp     x0, #2
        ldr     w0, =PSCI_SYSTEM_OFF
        b.eq    3f
        hvc     #0
        b       halt
3:      smc     #0
halt:
        wfi
        b       halt

// --- The device tree

tell_dtb:
        stp     x29, x30, [sp, #-16]!
        cbz     x19, no_dtb
        tst     x19, #7                 // booting.rst: on an 8-byte boundary
        b.ne    no_dtb
        ldr     w23, [x19]
        rev     w23, w23
        ldr     w0, =FDT_MAGIC
        cmp     w23, w0
        b.ne    no_dtb
        tell    "dtb-magic", x23
        ldr     w23, [x19, #4]          // totalsize
        rev     w23, w23
        tell    "dtb-size", x23
        cmp     x23, #FDT_SIZE_LIMIT    // booting.rst: at most 2 megabytes
        b.hi    dtb_too_large
        mov     x0, x19
        mov     x1, x23
        bl      crc32
        mov     x24, x0
        tell    "dtb-crc32", x24
        bl      walk
        b       1f
no_dtb:
        say     "dtb=none\n"
        b       1f
dtb_too_large:
        say     "dtb=larger than 2 MiB\n"
1:      ldp     x29, x30, [sp], #16
        ret

// Walks the structure block: x23 where it is, x24 its end, x25 the strings, x26 the depth, x27 whether in /chosen.
walk:
        stp     x29, x30, [sp, #-16]!
        ldr     w0, [x19, #8]           // off_dt_struct
        rev     w0, w0
        ldr     w1, [x19, #36]          // size_dt_struct
        rev     w1, w1
        ldr     w2, [x19, #12]          // off_dt_strings
        rev     w2, w2
        add     x24, x0, x1
        cmp     x24, x23                // x23: totalsize
        csel    x24, x24, x23, ls
        add     x24, x24, x19
        add     x23, x19, x0
        and     x23, x23, #~3
        add     x25, x19, x2
        mov     x26, xzr
        mov     x27, xzr
next_token:
        add     x0, x23, #4
        cmp     x0, x24
        b.hi    walked
        bl      next_word
        cmp     w0, #FDT_BEGIN_NODE
        b.eq    node_begins
        cmp     w0, #FDT_END_NODE
        b.eq    node_ends
        cmp     w0, #FDT_PROP
        b.eq    property
        cmp     w0, #FDT_NOP
        b.eq    next_token
walked:                                 // FDT_END, the end of the block, or no token at all
        ldp     x29, x30, [sp], #16
        ret

node_begins:
        add     x26, x26, #1
        mov     x0, x23
        text    x1, "chosen"
        bl      text_equals
        cmp     x26, #2
        ccmp    x0, #1, #0, eq
        cset    x27, eq
1:      cmp     x23, x24                // over the name
        b.hs    walked
        ldrb    w0, [x23], #1
        cbnz    w0, 1b
        bl      align_walk
        b       next_token

node_ends:
        sub     x26, x26, #1
        mov     x27, xzr                // whatever follows is no longer a property of /chosen
        b       next_token

property:
        add     x0, x23, #8
        cmp     x0, x24
        b.hi    walked
        bl      next_word
        mov     x12, x0                 // length of the value
        bl      next_word
        add     x13, x25, x0            // name
        mov     x14, x23                // value
        add     x23, x23, x12
        cmp     x23, x24
        b.hi    walked
        bl      align_walk
        cbz     x27, next_token

        mov     x0, x13
        text    x1, "bootargs"
        bl      text_equals
        cbnz    x0, bootargs
        mov     x0, x13
        text    x1, "linux,initrd-start"
        bl      text_equals
        cbnz    x0, initrd_start
        mov     x0, x13
        text    x1, "linux,initrd-end"
        bl      text_equals
        cbnz    x0, initrd_end
        b       next_token

bootargs:
        say     "bootargs="
        add     x15, x14, x12
1:      cmp     x14, x15
        b.hs    2f
        ldrb    w0, [x14], #1
        cbz     w0, 2f
        bl      put_char
        b       1b
2:      say     "\n"
        b       next_token

initrd_start:
        bl      cells
        mov     x21, x0
        tell    "initrd-start", x21
        b       next_token

initrd_end:
        bl      cells
        mov     x22, x0
        tell    "initrd-end", x22
        b       next_token

// The big-endian word at x23, which moves on, in w0.
next_word:
        ldr     w0, [x23], #4
        rev     w0, w0
        ret

align_walk:
        add     x23, x23, #3
        and     x23, x23, #~3
        ret

// The number in the x12 bytes at x14, one cell or two, in x0. Another length gives all ones.
cells:
        mvn     x0, xzr
        cmp     x12, #4
        b.eq    1f
        cmp     x12, #8
        b.ne    2f
        ldr     w1, [x14], #4
        rev     w1, w1
        ldr     w0, [x14]
        rev     w0, w0
        orr     x0, x0, x1, lsl #32
        ret
1:      ldr     w0, [x14]
        rev     w0, w0
2:      ret

tell_initrd:
        stp     x29, x30, [sp, #-16]!
        cmn     x21, #1
        b.eq    1f
        cmn     x22, #1
        b.eq    1f
        subs    x1, x22, x21
        b.lo    1f
        mov     x0, x21
        bl      crc32
        mov     x23, x0
        tell    "initrd-crc32", x23
1:      ldp     x29, x30, [sp], #16
        ret

// --- Bytes

// x0 = 1 if the text at x0 is the text at x1, else 0. Ends with the first difference.
text_equals:
1:      ldrb    w2, [x0], #1
        ldrb    w3, [x1], #1
        cmp     w2, w3
        b.ne    2f
        cbnz    w2, 1b
2:      cset    x0, eq
        ret

// The CRC-32 of the x1 bytes at x0, in w0.
crc32:
        mov     w2, #-1
1:      cbz     x1, 4f
        tst     x0, #7
        b.eq    2f
        ldrb    w3, [x0], #1
        crc32b  w2, w2, w3
        sub     x1, x1, #1
        b       1b
2:      cmp     x1, #8
        b.lo    3f
        ldr     x3, [x0], #8
        crc32x  w2, w2, x3
        sub     x1, x1, #8
        b       2b
3:      cbz     x1, 4f
        ldrb    w3, [x0], #1
        crc32b  w2, w2, w3
        sub     x1, x1, #1
        b       3b
4:      mvn     w0, w2
        ret

// --- The console

// Firmware that starts the machine leaves the UART on; without firmware it may be off.
enable_uart:
        mov     x9, #UART
        ldr     w10, [x9, #UARTCR]
        mov     w11, #UARTCR_UARTEN_TXE
        orr     w10, w10, w11
        str     w10, [x9, #UARTCR]
        ret

// Writes the byte in w0, once the FIFO has room, or after enough patience. Changes x9 to x11 alone.
put_char:
        mov     x9, #UART
        mov     w10, #UART_PATIENCE
1:      ldr     w11, [x9, #UARTFR]
        tbz     w11, #UARTFR_TXFF_BIT, 2f
        subs    w10, w10, #1
        b.ne    1b
2:      str     w0, [x9, #UARTDR]
        ret

// Writes the text at x0. Changes x0, x8 to x11 and x16 alone.
put_text:
        mov     x16, x30
        mov     x8, x0
1:      ldrb    w0, [x8], #1
        cbz     w0, 2f
        bl      put_char
        b       1b
2:      br      x16

// Writes the text at x0, then x1 as 0x…, lower case without padding, and ends the line.
put_value:
        stp     x29, x30, [sp, #-16]!
        mov     x5, x1
        bl      put_text
        say     "0x"
        clz     x6, x5
        and     x6, x6, #~3
        cmp     x6, #60
        mov     x7, #60
        csel    x6, x6, x7, lo          // zero has a digit too
        lsl     x5, x5, x6
1:      lsr     x0, x5, #60
        cmp     x0, #10
        add     w7, w0, #'a' - 10
        add     w0, w0, #'0'
        csel    w0, w0, w7, lo
        bl      put_char
        lsl     x5, x5, #4
        add     x6, x6, #4
        cmp     x6, #64
        b.lo    1b
        say     "\n"
        ldp     x29, x30, [sp], #16
        ret

        .ltorg

// --- Exception vectors: every one of the sixteen tells and ends

        .balign 2048
vectors:
        .rept   16
        .balign 128
        b       exception
        .endr

        .bss
        .balign 16
        .zero   STACK_SIZE
stack_top:
