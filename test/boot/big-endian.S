// A big-endian kernel, as far as a loader can tell: an arm64 Image with bit 0 of its flags, which is entered little-endian
// as any other, switches SCTLR_ELx.EE itself (init_kernel_el() of Linux), and then reads what is in memory big-endian.
// It says on the PL011 of QEMU's virt machine what it reads at x0, and switches the machine off.

        .arch   armv8-a
        .equ    UARTDR, 0x09000000
        .equ    PSCI_SYSTEM_OFF, 0x84000008
        .equ    SCTLR_EE, 1 << 25

        .section .head.text, "ax"
        .global _text
_text:
        b       start
        nop
        // Fields of the header are little-endian in either kind of kernel; data is big-endian here.
        .quad   0                               // text_offset
        .byte   0, 0, 0x20, 0, 0, 0, 0, 0       // image_size
        .byte   0xb, 0, 0, 0, 0, 0, 0, 0        // flags: big-endian, 4K pages, anywhere
        .quad   0, 0, 0
        .ascii  "ARM\x64"
        .long   0

start:
        mrs     x1, CurrentEL
        cmp     x1, #8
        b.eq    1f
        mrs     x2, sctlr_el1
        orr     x2, x2, #SCTLR_EE
        msr     sctlr_el1, x2
        b       2f
1:      mrs     x2, sctlr_el2
        orr     x2, x2, #SCTLR_EE
        msr     sctlr_el2, x2
2:      isb
        adr     x3, message
        bl      put
        // The device tree's first word is big-endian: d00dfeed by a plain load, and the constant beside it too.
        ldr     w4, [x0]
        adr     x5, magic
        ldr     w5, [x5]
        cmp     w4, w5
        adr     x3, good
        adr     x6, bad
        csel    x3, x3, x6, eq
        bl      put
        mov     w0, #(PSCI_SYSTEM_OFF & 0xffff)
        movk    w0, #(PSCI_SYSTEM_OFF >> 16), lsl #16
        mrs     x1, CurrentEL
        cmp     x1, #8
        b.eq    3f
        hvc     #0
3:      smc     #0
        b       .

// Writes the text at x3, by bytes, which have no order.
put:
        mov     x7, #UARTDR
4:      ldrb    w8, [x3], #1
        cbz     w8, 5f
        strb    w8, [x7]
        b       4b
5:      ret

magic:  .long   0xd00dfeed
message: .asciz "big-endian: entered\n"
good:   .asciz  "big-endian: the device tree reads as it is written\n"
bad:    .asciz  "big-endian: that is no device tree\n"
        .balign 8
