// SHA-256 (FIPS 180-4): with the SHA-2 instructions of ARMv8; with SIMD registers; or with none but the base instructions.
//
// All three ways have the same interface: x0 is the state, eight words, aligned to 8 bytes; x1 the data, aligned to 4 bytes;
// x2 the number of blocks of 64 bytes, at least one.

        .equ    BLOCK_SIZE, 64

        .text

// --- Any length

// x0: where the digest goes, 32 bytes, aligned to 8; x1: the data, aligned to 4 bytes; x2: its length in bytes; x3: the
// function for blocks.
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

// --- The rounds, for CPUs without these

// The words of the message schedule, with the constants added, are in `schedule` before the rounds of a block begin. It has room
// for four blocks twice: four words of the first, of the second, of the third, of the fourth; then the next four of each.
//
// Registers: w4 … w11 are a … h, which change names round by round; x0 walks the schedule, x1 the data; x2 counts what is left;
// x12 is the state; x17 and x18 are four words; w3 and w16, in turn, hold a ^ b for the next round, whose b ^ c it is; x13, x14
// and x15 for what comes between. The halves of x17 and x18 are added where they are: upper halves of a … h do not count.

        .equ    SCHEDULE_SIZE, 1024
        .equ    FOUR_WORDS, 16

        // If \step is given, steps \step to \step + 4 of a word are done meanwhile.
        .macro  round a, b, c, d, e, f, g, h, half, words, ab, bc, step, word
        .ifc    \half, lower
        add     w\h, w\h, w\words
        .else
        add     x\h, x\h, x\words, lsr #32
        .endif
        eor     w13, w\f, w\g
        ror     w14, w\e, #6
        meanwhile \step, 0, \word
        and     w13, w13, w\e
        eor     w14, w14, w\e, ror #11
        eor     w13, w13, w\g                   // Ch(e, f, g)
        meanwhile \step, 1, \word
        ror     w15, w\a, #2
        add     w\h, w\h, w13
        eor     w14, w14, w\e, ror #25
        meanwhile \step, 2, \word
        eor     w\ab, w\a, w\b
        eor     w15, w15, w\a, ror #13
        and     w\bc, w\bc, w\ab
        meanwhile \step, 3, \word
        add     w\h, w\h, w14
        eor     w15, w15, w\a, ror #22
        eor     w\bc, w\bc, w\b                 // Maj(a, b, c)
        add     w\d, w\d, w\h
        meanwhile \step, 4, \word
        add     w\h, w\h, w15
        add     w\h, w\h, w\bc
        .endm

        .macro  meanwhile step, offset, word:vararg
        .ifnb   \step
        word_step \step + \offset, \word
        .endif
        .endm

        .macro  four_rounds a, b, c, d, e, f, g, h
        ldp     x17, x18, [x0], #4 * FOUR_WORDS
        round   \a, \b, \c, \d, \e, \f, \g, \h, lower, 17, 3, 16
        round   \h, \a, \b, \c, \d, \e, \f, \g, upper, 17, 16, 3
        round   \g, \h, \a, \b, \c, \d, \e, \f, lower, 18, 3, 16
        round   \f, \g, \h, \a, \b, \c, \d, \e, upper, 18, 16, 3
        .endm

        // The state after a block is the sum of that before and of a … h.
        .macro  add_two first, second, offset
        ldp     w13, w14, [x12, #\offset]
        add     w\first, w\first, w13
        add     w\second, w\second, w14
        stp     w\first, w\second, [x12, #\offset]
        .endm

        .macro  add_state
        add_two 4, 5, 0
        add_two 6, 7, 8
        add_two 8, 9, 16
        add_two 10, 11, 24
        .endm

        .macro  load_state from
        ldp     w4, w5, [\from]
        ldp     w6, w7, [\from, #8]
        ldp     w8, w9, [\from, #16]
        ldp     w10, w11, [\from, #24]
        .endm

// --- With SIMD registers

// Every vector has a word of each of four blocks. A pass does the rounds of four blocks, and meanwhile computes the message
// schedule of the next four: the CPU can do both at a time. The first pass has no rounds to do, and does them with what is in
// `schedule`: the state after it is dropped. The last one has no words to compute, and computes those of the last four blocks again.
//
// Sixteen rounds are a step of the loops, so that the code is small; with them go four words, those of W(t - 16) and so on being
// loaded. That takes 1451 instructions a block: 1168 for the rounds.
//
// Registers: v0 … v13 are words, v24 … v27 constants, to which words are added; v20 … v23, v28 and v29 for what comes between.
// x19 walks the constants, x20 the schedule, x21 … x24 the words without the constants, to store the next and to load those that
// came 16, 7 and 2 before; x28 is where the schedule began. x27 is 1 in the first pass.

        .equ    DATA_BLOCK, 64
        .equ    WORD_OF_FOUR_BLOCKS, 16

        // Word t in place of word t - 16, added to the constant: one instruction of 18.
        .macro  word_step step, t, minus15, minus7, minus2, constant
        .if     (\step) == 1
        ushr    v20.4s, v\minus15\().4s, #7
        .elseif (\step) == 2
        ushr    v22.4s, v\minus2\().4s, #17
        .elseif (\step) == 3
        ushr    v21.4s, v\minus15\().4s, #18
        .elseif (\step) == 4
        ushr    v23.4s, v\minus2\().4s, #19
        .elseif (\step) == 5
        add     v\t\().4s, v\t\().4s, v\minus7\().4s
        .elseif (\step) == 6
        sli     v20.4s, v\minus15\().4s, #25
        .elseif (\step) == 7
        sli     v22.4s, v\minus2\().4s, #15
        .elseif (\step) == 8
        sli     v21.4s, v\minus15\().4s, #14
        .elseif (\step) == 9
        sli     v23.4s, v\minus2\().4s, #13
        .elseif (\step) == 10
        ushr    v28.4s, v\minus15\().4s, #3
        .elseif (\step) == 11
        ushr    v29.4s, v\minus2\().4s, #10
        .elseif (\step) == 12
        eor     v20.16b, v20.16b, v21.16b
        .elseif (\step) == 13
        eor     v22.16b, v22.16b, v23.16b
        .elseif (\step) == 14
        eor     v20.16b, v20.16b, v28.16b      // sigma0(W(t - 15))
        .elseif (\step) == 15
        eor     v22.16b, v22.16b, v29.16b      // sigma1(W(t - 2))
        .elseif (\step) == 16
        add     v\t\().4s, v\t\().4s, v20.4s
        .elseif (\step) == 17
        add     v\t\().4s, v\t\().4s, v22.4s
        .elseif (\step) == 18
        add     v\constant\().4s, v\constant\().4s, v\t\().4s
        .endif
        .endm

        .macro  four_rounds_and_word a, b, c, d, e, f, g, h, word:vararg
        ldp     x17, x18, [x0], #4 * FOUR_WORDS
        round   \a, \b, \c, \d, \e, \f, \g, \h, lower, 17, 3, 16, 1, "\word"
        round   \h, \a, \b, \c, \d, \e, \f, \g, upper, 17, 16, 3, 6, "\word"
        round   \g, \h, \a, \b, \c, \d, \e, \f, lower, 18, 3, 16, 11, "\word"
        round   \f, \g, \h, \a, \b, \c, \d, \e, upper, 18, 16, 3, 16, "\word"
        .endm

        // The next four constants, each in all four places of a vector.
        .macro  next_constants
        ld4r    {v24.4s, v25.4s, v26.4s, v27.4s}, [x19], #16
        .endm

        .macro  store_words
        st1     {v0.4s, v1.4s, v2.4s, v3.4s}, [x21], #4 * WORD_OF_FOUR_BLOCKS
        st4     {v24.4s, v25.4s, v26.4s, v27.4s}, [x20], #4 * FOUR_WORDS
        .endm

        .equ    FRAME, 112                      // x19 … x28, then these:
        .equ    FIRST_STATE, 80

function sha256_blocks_simd
        cmp     x2, #4
        b.lo    sha256_blocks_base
        stp     x19, x20, [sp, #-FRAME]!
        stp     x21, x22, [sp, #16]
        stp     x23, x24, [sp, #32]
        stp     x25, x26, [sp, #48]
        stp     x27, x28, [sp, #64]
        mov     x12, x0
        load_state x0
        add     x13, sp, #FIRST_STATE
        stp     w4, w5, [x13]
        stp     w6, w7, [x13, #8]
        stp     w8, w9, [x13, #16]
        stp     w10, w11, [x13, #24]
        mov     x25, #DATA_BLOCK
        mov     x26, #FOUR_WORDS - 3 * DATA_BLOCK
        mov     x27, #1
        adr     x28, schedule

1:      subs    x2, x2, #4
        b.hs    2f
        sub     x1, x1, #4 * DATA_BLOCK         // no four blocks are left
2:      mov     x20, x28
        eor     x28, x28, #SCHEDULE_SIZE
        mov     x0, x28
        adr     x19, round_constants
        adr     x21, words
        mov     x22, x21
        add     x23, x21, #(16 - 7) * WORD_OF_FOUR_BLOCKS
        add     x24, x21, #(16 - 2) * WORD_OF_FOUR_BLOCKS

        // The first block's rounds; words 0 to 15.
        eor     w16, w5, w6                     // b ^ c
3:      ld4     {v0.s, v1.s, v2.s, v3.s}[0], [x1], x25
        ld4     {v0.s, v1.s, v2.s, v3.s}[1], [x1], x25
        ld4     {v0.s, v1.s, v2.s, v3.s}[2], [x1], x25
        ld4     {v0.s, v1.s, v2.s, v3.s}[3], [x1], x26
        four_rounds 4, 5, 6, 7, 8, 9, 10, 11
        next_constants
        rev32   v0.16b, v0.16b
        rev32   v1.16b, v1.16b
        rev32   v2.16b, v2.16b
        rev32   v3.16b, v3.16b
        four_rounds 8, 9, 10, 11, 4, 5, 6, 7
        add     v24.4s, v24.4s, v0.4s
        add     v25.4s, v25.4s, v1.4s
        add     v26.4s, v26.4s, v2.4s
        add     v27.4s, v27.4s, v3.4s
        four_rounds 4, 5, 6, 7, 8, 9, 10, 11
        store_words
        four_rounds 8, 9, 10, 11, 4, 5, 6, 7
        tst     x21, #16 * WORD_OF_FOUR_BLOCKS - 1
        b.ne    3b
        add     x1, x1, #3 * DATA_BLOCK
        add_state

        // Those of the other three; words 16 to 63.
4:      sub     x0, x0, #SCHEDULE_SIZE - FOUR_WORDS
        eor     w16, w5, w6
5:      ld1     {v0.4s, v1.4s, v2.4s, v3.4s}, [x22], #4 * WORD_OF_FOUR_BLOCKS
        ld1     {v12.4s, v13.4s}, [x24], x25
        ld1     {v8.4s, v9.4s, v10.4s, v11.4s}, [x23], #4 * WORD_OF_FOUR_BLOCKS
        ld1     {v4.4s}, [x22]
        next_constants
        four_rounds_and_word 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 8, 12, 24
        four_rounds_and_word 8, 9, 10, 11, 4, 5, 6, 7, 1, 2, 9, 13, 25
        four_rounds_and_word 4, 5, 6, 7, 8, 9, 10, 11, 2, 3, 10, 0, 26
        four_rounds_and_word 8, 9, 10, 11, 4, 5, 6, 7, 3, 4, 11, 1, 27
        store_words
        tst     x21, #16 * WORD_OF_FOUR_BLOCKS - 1
        b.ne    5b
        add_state
        tst     x21, #64 * WORD_OF_FOUR_BLOCKS - 1
        b.ne    4b

        cbnz    x27, 7f
6:      tbz     x2, #63, 1b
        ldp     x21, x22, [sp, #16]
        ldp     x23, x24, [sp, #32]
        ldp     x25, x26, [sp, #48]
        ldp     x27, x28, [sp, #64]
        ldp     x19, x20, [sp], #FRAME
        mov     x0, x12
        adds    x2, x2, #4                      // fewer than four blocks are left
        b.ne    sha256_blocks_base
        ret

7:      mov     x27, xzr
        add     x13, sp, #FIRST_STATE
        load_state x13
        stp     w4, w5, [x12]
        stp     w6, w7, [x12, #8]
        stp     w8, w9, [x12, #16]
        stp     w10, w11, [x12, #24]
        b       6b

// --- With base instructions

function sha256_blocks_base
        mov     x12, x0
        load_state x0
1:      adr     x0, schedule
        adr     x13, words
        adr     x14, round_constants
2:      tst     x13, #0x3c0                     // `words` is aligned to 1024
        b.eq    3f
        ldr     w15, [x13, #-4 * 15]
        ror     w17, w15, #7
        eor     w17, w17, w15, ror #18
        eor     w17, w17, w15, lsr #3
        ldr     w15, [x13, #-4 * 16]
        add     w17, w17, w15
        ldr     w15, [x13, #-4 * 7]
        add     w17, w17, w15
        ldr     w15, [x13, #-4 * 2]
        ror     w18, w15, #17
        eor     w18, w18, w15, ror #19
        eor     w18, w18, w15, lsr #10
        add     w17, w17, w18
        b       4f
3:      ldr     w17, [x1], #4
        rev     w17, w17
4:      str     w17, [x13], #4
        ldr     w15, [x14], #4
        add     w17, w17, w15
        str     w17, [x0], #4
        tst     x0, #FOUR_WORDS - 1
        b.ne    5f
        add     x0, x0, #3 * FOUR_WORDS
5:      tbz     x13, #8, 2b

        sub     x0, x0, #SCHEDULE_SIZE
        eor     w16, w5, w6
6:      four_rounds 4, 5, 6, 7, 8, 9, 10, 11
        four_rounds 8, 9, 10, 11, 4, 5, 6, 7
        tst     x0, #SCHEDULE_SIZE - 1
        b.ne    6b
        add_state
        subs    x2, x2, #1
        b.ne    1b
        ret

// --- Constants

        .text   2                       // behind code and texts
        .balign 64
        .include "sha256-constants.inc"
