# SHA-256 of several lanes at a time, each instruction one word of every lane: with AVX2 the eight lanes at once, with SSE2
# four and four.
#
# Registers: 0 to 7 are a … h, which change names round by round; 8 and 9, in turn, hold a ^ b for the next round, whose b ^ c
# it is; 10 to 12 are for what comes between; 13 has four round constants.

        .text

        # \target = \source op \value.
        .macro  lane_op avx, name, value, source, target
        .if     \avx
        v\name  \value, %ymm\source, %ymm\target
        .else
        .ifnc   \source, \target
        movdqa  %xmm\source, %xmm\target
        .endif
        \name   \value, %xmm\target
        .endif
        .endm

        # The same with a register as \value.
        .macro  lane_op_register avx, name, value, source, target
        .if     \avx
        lane_op 1, \name, %ymm\value, \source, \target
        .else
        lane_op 0, \name, %xmm\value, \source, \target
        .endif
        .endm

        .macro  lane_load avx, from, to
        .if     \avx
        vmovdqa \from, %ymm\to
        .else
        movdqa  \from, %xmm\to
        .endif
        .endm

        .macro  lane_store avx, from, to
        .if     \avx
        vmovdqa %ymm\from, \to
        .else
        movdqa  %xmm\from, \to
        .endif
        .endm

        # Register 10 = (x >> r1) ^ (x >> r2) ^ (x >> r3) ^ (x << 32 - r3) ^ (x << 32 - r2); r1 < r2 < r3.
        .macro  lane_shifts avx, x, r1, r2, r3
        lane_right_shifts \avx, \x, \r1, \r2, \r3
        lane_left_shifts \avx, \x, \r2, \r3
        .endm

        .macro  lane_right_shifts avx, x, r1, r2, r3
        lane_op \avx, psrld, $\r1, \x, 10
        lane_op \avx, psrld, $\r2-\r1, 10, 11
        lane_op_register \avx, pxor, 11, 10, 10
        lane_op \avx, psrld, $\r3-\r2, 11, 11
        lane_op_register \avx, pxor, 11, 10, 10
        .endm

        .macro  lane_left_shifts avx, x, r2, r3
        lane_op \avx, pslld, $32-\r3, \x, 11
        lane_op_register \avx, pxor, 11, 10, 10
        lane_op \avx, pslld, $\r3-\r2, 11, 11
        lane_op_register \avx, pxor, 11, 10, 10
        .endm

        # The same of the row at \row. SSE2 changes what it shifts, so that a second load is no loss.
        .macro  lane_row_shifts avx, row, r1, r2, r3
        .if     \avx
        lane_load 1, \row, 12
        lane_shifts 1, 12, \r1, \r2, \r3
        .else
        lane_load 0, \row, 10
        lane_right_shifts 0, 10, \r1, \r2, \r3
        lane_load 0, \row, 11
        lane_left_shifts 0, 11, \r2, \r3
        .endif
        .endm

        # Sum of three rotations of \x, added to \to.
        .macro  lane_add_rotations avx, to, x, r1, r2, r3
        lane_shifts \avx, \x, \r1, \r2, \r3
        lane_op \avx, pslld, $\r2-\r1, 11, 11
        lane_op_register \avx, pxor, 11, 10, 10
        lane_op_register \avx, paddd, 10, \to, \to
        .endm

        # The round of the \index-th row from r9 and constant from r8 on.
        .macro  lane_round avx, index, a, b, c, d, e, f, g, h, ab, bc
        .if     \avx
        vpbroadcastd \index * 4(%r8), %ymm10
        vpaddd  \index * LANE_SIZE(%r9), %ymm10, %ymm10
        .else
        .if     \index % 4 == 0
        movdqa  \index * 4(%r8), %xmm13
        .endif
        pshufd  $\index % 4 * 0x55, %xmm13, %xmm10
        paddd   \index * LANE_SIZE(%r9), %xmm10
        .endif
        lane_op_register \avx, paddd, 10, \h, \h
        lane_add_rotations \avx, \h, \e, 6, 11, 25
        lane_op_register \avx, pxor, \g, \f, 10
        lane_op_register \avx, pand, \e, 10, 10
        lane_op_register \avx, pxor, \g, 10, 10         # Ch(e, f, g)
        lane_op_register \avx, paddd, 10, \h, \h
        lane_op_register \avx, paddd, \h, \d, \d
        lane_add_rotations \avx, \h, \a, 2, 13, 22
        lane_op_register \avx, pxor, \b, \a, \ab
        lane_op_register \avx, pand, \ab, \bc, \bc
        lane_op_register \avx, pxor, \b, \bc, \bc       # Maj(a, b, c)
        lane_op_register \avx, paddd, \bc, \h, \h
        .endm

        # A block of the lanes in the state at rdi, whose first sixteen words are in the rows at r11; a row has a word of each
        # lane.
        .macro  lane_block avx
        lea     16*LANE_SIZE(%r11), %r9
        lea     48*LANE_SIZE(%r9), %r10
1:
        .irp    row, 0, 1, 2, 3                         # four rows, each sixteen later
        lane_row_shifts \avx, (\row-15)*LANE_SIZE(%r9), 3, 7, 18
        lane_load \avx, (\row-16)*LANE_SIZE(%r9), 9
        lane_op \avx, paddd, (\row-7)*LANE_SIZE(%r9), 9, 9
        lane_op_register \avx, paddd, 10, 9, 9
        lane_row_shifts \avx, (\row-2)*LANE_SIZE(%r9), 10, 17, 19
        lane_op_register \avx, paddd, 10, 9, 9
        lane_store \avx, 9, \row*LANE_SIZE(%r9)
        .endr
        add     $4*LANE_SIZE, %r9
        cmp     %r10, %r9
        jne     1b

        .irp    word, 0, 1, 2, 3, 4, 5, 6, 7
        lane_load \avx, \word*LANE_SIZE(%rdi), \word
        .endr
        lane_op_register \avx, pxor, 2, 1, 9            # b ^ c
        mov     %r11, %r9
        lea     round_constants(%rip), %r8
2:      lane_round \avx, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
        lane_round \avx, 1, 7, 0, 1, 2, 3, 4, 5, 6, 9, 8
        lane_round \avx, 2, 6, 7, 0, 1, 2, 3, 4, 5, 8, 9
        lane_round \avx, 3, 5, 6, 7, 0, 1, 2, 3, 4, 9, 8
        lane_round \avx, 4, 4, 5, 6, 7, 0, 1, 2, 3, 8, 9
        lane_round \avx, 5, 3, 4, 5, 6, 7, 0, 1, 2, 9, 8
        lane_round \avx, 6, 2, 3, 4, 5, 6, 7, 0, 1, 8, 9
        lane_round \avx, 7, 1, 2, 3, 4, 5, 6, 7, 0, 9, 8
        add     $8 * 4, %r8
        add     $8 * LANE_SIZE, %r9
        cmp     %r10, %r9
        jne     2b
        .irp    word, 0, 1, 2, 3, 4, 5, 6, 7
        lane_op \avx, paddd, \word*LANE_SIZE(%rdi), \word, \word
        lane_store \avx, \word, \word*LANE_SIZE(%rdi)
        .endr
        .endm

function sha256_blocks_avx2
        call    load_rows
        lane_block 1
        add     $BLOCK_SIZE, %rsi
        dec     %rcx
        jnz     sha256_blocks_avx2
        ret

function sha256_blocks_sse2
        call    load_rows
        call    block_of_four           # the first four lanes
        add     $LANE_SIZE / 2, %rdi
        add     $LANE_SIZE / 2, %r11
        call    block_of_four           # the others
        sub     $LANE_SIZE / 2, %rdi
        add     $BLOCK_SIZE, %rsi
        dec     %rcx
        jnz     sha256_blocks_sse2
        ret

block_of_four:
        lane_block 0
        ret

# Sixteen words of each lane, from rsi on and rdx bytes apart, to the rows of `schedule`, whose address r11 is then.
load_rows:
        mov     %rsi, %r9
        lea     schedule(%rip), %r11
        mov     %r11, %r10
        mov     $LANES, %r8d
1:
        .irp    pair, 0, 1, 2, 3, 4, 5, 6, 7
        mov     \pair * 8(%r9), %rax
        bswap   %rax
        mov     %eax, (2 * \pair + 1) * LANE_SIZE(%r10)
        shr     $32, %rax
        mov     %eax, 2 * \pair * LANE_SIZE(%r10)
        .endr
        add     %rdx, %r9
        add     $4, %r10
        dec     %r8d
        jnz     1b
        ret
