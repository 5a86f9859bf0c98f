// SHA-256 (FIPS 180-4), with the SHA-2 instructions of ARMv8 or with none but the base instructions.
//
// Both ways have the same interface: x0 is the state, eight words; x1 the data, aligned to 4 bytes; x2 the number of
// blocks of 64 bytes, at least one. They use the stack as any function does, and no memory else.

        .equ    BLOCK_SIZE, 64

        .text

// --- Any length

// x0: where the digest goes, 32 bytes; x1: the data, aligned to 4 bytes; x2: its length in bytes; x3: the function for
// blocks, sha256_blocks_sha2 or sha256_blocks_base.
function sha256
        stp     x29, x30, [sp, #-64]!
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        mov     x19, x0
        mov     x20, x1
        mov     x21, x2
        mov     x22, x3

        adr     x3, initial_state
        ldp     x4, x5, [x3]
        ldp     x6, x7, [x3, #16]
        stp     x4, x5, [x19]
        stp     x6, x7, [x19, #16]

        lsr     x2, x21, #6
        cbz     x2, 1f
        mov     x0, x19
        mov     x1, x20
        and     x3, x21, #~(BLOCK_SIZE - 1)
        add     x20, x20, x3
        blr     x22

        // The last block or two: what is left, a one, zeros, and the length in bits.
1:      adr     x23, last_blocks
        mov     x3, x23
        add     x4, x23, #2 * BLOCK_SIZE
2:      stp     xzr, xzr, [x3], #16
        cmp     x3, x4
        b.ne    2b
        ands    x4, x21, #BLOCK_SIZE - 1
        mov     x3, x23
        b.eq    4f
        mov     x5, x4
3:      ldrb    w6, [x20], #1
        strb    w6, [x3], #1
        subs    x5, x5, #1
        b.ne    3b
4:      mov     w6, #0x80
        strb    w6, [x3]
        cmp     x4, #BLOCK_SIZE - 8
        mov     x2, #1
        cinc    x2, x2, hs              // no room for the length behind the one
        add     x3, x23, x2, lsl #6
        lsl     x6, x21, #3
        rev     x6, x6
        str     x6, [x3, #-8]
        mov     x0, x19
        mov     x1, x23
        blr     x22

        // Words are big-endian in a digest.
        ldp     x4, x5, [x19]
        ldp     x6, x7, [x19, #16]
        rev32   x4, x4
        rev32   x5, x5
        rev32   x6, x6
        rev32   x7, x7
        stp     x4, x5, [x19]
        stp     x6, x7, [x19, #16]
        ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x23, x24, [sp, #48]
        ldp     x29, x30, [sp], #64
        ret

// --- With the SHA-2 instructions

// Registers: v0, v1 state; v2, v3 the state before the block; v4 … v7 sixteen words of the message schedule; v16 … v31
// the constants. Arm Architecture Reference Manual, C7.2, SHA256H, SHA256H2, SHA256SU0, SHA256SU1.

        // Four rounds with the words in \now.
        .macro  rounds now, constants
        add     v8.4s, \now\().4s, \constants\().4s
        mov     v9.16b, v0.16b
        sha256h q0, q1, v8.4s
        sha256h2 q1, q9, v8.4s
        .endm

        // Four rounds, and the four words that come sixteen later in place of \now.
        .macro  rounds_and_words now, next, third, fourth, constants
        add     v8.4s, \now\().4s, \constants\().4s
        sha256su0 \now\().4s, \next\().4s
        mov     v9.16b, v0.16b
        sha256h q0, q1, v8.4s
        sha256h2 q1, q9, v8.4s
        sha256su1 \now\().4s, \third\().4s, \fourth\().4s
        .endm

        .macro  sixteen_rounds c0, c1, c2, c3
        rounds_and_words v4, v5, v6, v7, \c0
        rounds_and_words v5, v6, v7, v4, \c1
        rounds_and_words v6, v7, v4, v5, \c2
        rounds_and_words v7, v4, v5, v6, \c3
        .endm

function sha256_blocks_sha2
        adr     x3, round_constants
        ld1     {v16.4s-v19.4s}, [x3], #64
        ld1     {v20.4s-v23.4s}, [x3], #64
        ld1     {v24.4s-v27.4s}, [x3], #64
        ld1     {v28.4s-v31.4s}, [x3]
        ld1     {v0.4s, v1.4s}, [x0]
1:      ld1     {v4.16b-v7.16b}, [x1], #64
        mov     v2.16b, v0.16b
        mov     v3.16b, v1.16b
        rev32   v4.16b, v4.16b
        rev32   v5.16b, v5.16b
        rev32   v6.16b, v6.16b
        rev32   v7.16b, v7.16b
        sixteen_rounds v16, v17, v18, v19
        sixteen_rounds v20, v21, v22, v23
        sixteen_rounds v24, v25, v26, v27
        rounds  v4, v28
        rounds  v5, v29
        rounds  v6, v30
        rounds  v7, v31
        subs    x2, x2, #1
        add     v0.4s, v0.4s, v2.4s
        add     v1.4s, v1.4s, v3.4s
        b.ne    1b
        st1     {v0.4s, v1.4s}, [x0]
        ret

// --- With base instructions

// Registers: w4 … w11 are a … h, which change names round by round; w12 … w15 and w18 … w29 the sixteen words of the
// message schedule, each replaced as soon as it is used; x0 walks the constants, x30 the data; w1, w2, w3 for what
// comes between; w16 and w17, in turn, hold a ^ b for the next round, whose b ^ c it is.

        // Sum of three rotations of \value, added to \to.
        .macro  add_sum to, value, r1, r2, r3
        ror     w1, \value, #\r1
        eor     w1, w1, \value, ror #\r2
        eor     w1, w1, \value, ror #\r3
        add     \to, \to, w1
        .endm

        .macro  round a, b, c, d, e, f, g, h, word, constant, ab, bc
        add     \h, \h, \word
        eor     w1, \f, \g
        add     \h, \h, \constant
        and     w1, w1, \e
        eor     w1, w1, \g               // Ch(e, f, g)
        add     \h, \h, w1
        add_sum \h, \e, 6, 11, 25
        eor     \ab, \a, \b
        add     \d, \d, \h
        and     \bc, \bc, \ab
        eor     \bc, \bc, \b            // Maj(a, b, c)
        add     \h, \h, \bc
        add_sum \h, \a, 2, 13, 22
        .endm

        // The word that comes sixteen later, in place of \word.
        .macro  next_word word, plus1, plus9, plus14
        ror     w1, \plus1, #7
        add     \word, \word, \plus9
        eor     w1, w1, \plus1, ror #18
        eor     w1, w1, \plus1, lsr #3
        add     \word, \word, w1
        ror     w1, \plus14, #17
        eor     w1, w1, \plus14, ror #19
        eor     w1, w1, \plus14, lsr #10
        add     \word, \word, w1
        .endm

        // Two rounds.
        .macro  two_rounds a, b, c, d, e, f, g, h, even, odd
        ldp     w2, w3, [x0], #8
        round   \a, \b, \c, \d, \e, \f, \g, \h, \even, w2, w17, w16
        round   \h, \a, \b, \c, \d, \e, \f, \g, \odd, w3, w16, w17
        .endm

        // Eight rounds bring every state word back to its own register.
        .macro  eight_rounds r0, r1, r2, r3, r4, r5, r6, r7
        two_rounds w4, w5, w6, w7, w8, w9, w10, w11, \r0, \r1
        two_rounds w10, w11, w4, w5, w6, w7, w8, w9, \r2, \r3
        two_rounds w8, w9, w10, w11, w4, w5, w6, w7, \r4, \r5
        two_rounds w6, w7, w8, w9, w10, w11, w4, w5, \r6, \r7
        .endm

        // Two rounds, and the words that come sixteen later.
        .macro  two_rounds_and_words a, b, c, d, e, f, g, h, even, odd, plus2, plus9, plus10, plus14, plus15
        two_rounds \a, \b, \c, \d, \e, \f, \g, \h, \even, \odd
        next_word \even, \odd, \plus9, \plus14
        next_word \odd, \plus2, \plus10, \plus15
        .endm

        .equ    FRAME, 128              // x19 … x30, then these:
        .equ    STATE, 96
        .equ    END, 104
        .equ    CONSTANTS, 112

function sha256_blocks_base
        stp     x29, x30, [sp, #-FRAME]!
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        add     x2, x1, x2, lsl #6
        stp     x0, x2, [sp, #STATE]
        mov     x30, x1
        adr     x1, round_constants
        str     x1, [sp, #CONSTANTS]
        ldp     w4, w5, [x0]
        ldp     w6, w7, [x0, #8]
        ldp     w8, w9, [x0, #16]
        ldp     w10, w11, [x0, #24]

1:      ldr     x0, [sp, #CONSTANTS]
        ldp     w12, w13, [x30], #64
        ldp     w14, w15, [x30, #-56]
        ldp     w18, w19, [x30, #-48]
        ldp     w20, w21, [x30, #-40]
        ldp     w22, w23, [x30, #-32]
        ldp     w24, w25, [x30, #-24]
        ldp     w26, w27, [x30, #-16]
        ldp     w28, w29, [x30, #-8]
        .irp    word, w12, w13, w14, w15, w18, w19, w20, w21, w22, w23, w24, w25, w26, w27, w28, w29
        rev     \word, \word
        .endr
        eor     w16, w5, w6             // b ^ c

2:
        two_rounds_and_words w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w23, w24, w28, w29
        two_rounds_and_words w10, w11, w4, w5, w6, w7, w8, w9, w14, w15, w18, w25, w26, w12, w13
        two_rounds_and_words w8, w9, w10, w11, w4, w5, w6, w7, w18, w19, w20, w27, w28, w14, w15
        two_rounds_and_words w6, w7, w8, w9, w10, w11, w4, w5, w20, w21, w22, w29, w12, w18, w19
        two_rounds_and_words w4, w5, w6, w7, w8, w9, w10, w11, w22, w23, w24, w13, w14, w20, w21
        two_rounds_and_words w10, w11, w4, w5, w6, w7, w8, w9, w24, w25, w26, w15, w18, w22, w23
        two_rounds_and_words w8, w9, w10, w11, w4, w5, w6, w7, w26, w27, w28, w19, w20, w24, w25
        two_rounds_and_words w6, w7, w8, w9, w10, w11, w4, w5, w28, w29, w12, w21, w22, w26, w27
        tst     x0, #0x40               // the constants are aligned to 256: 64, 128 and 192 bytes on
        b.eq    2b
        tst     x0, #0x80
        b.eq    2b
        eight_rounds w12, w13, w14, w15, w18, w19, w20, w21
        eight_rounds w22, w23, w24, w25, w26, w27, w28, w29

        ldp     x0, x1, [sp, #STATE]
        ldp     w12, w13, [x0]
        ldp     w14, w15, [x0, #8]
        ldp     w18, w19, [x0, #16]
        ldp     w20, w21, [x0, #24]
        add     w4, w4, w12
        add     w5, w5, w13
        add     w6, w6, w14
        add     w7, w7, w15
        add     w8, w8, w18
        add     w9, w9, w19
        add     w10, w10, w20
        add     w11, w11, w21
        stp     w4, w5, [x0]
        stp     w6, w7, [x0, #8]
        stp     w8, w9, [x0, #16]
        stp     w10, w11, [x0, #24]
        cmp     x30, x1
        b.ne    1b

        ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x23, x24, [sp, #48]
        ldp     x25, x26, [sp, #64]
        ldp     x27, x28, [sp, #80]
        ldp     x29, x30, [sp], #FRAME
        ret

// --- Constants

        .text   2                       // behind code and texts
        .balign 256
        .include "sha256-constants.inc"
