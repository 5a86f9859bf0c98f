# SHA-256 with the CPU's instructions for it: Intel SDM, volume 2B, SHA256RNDS2, SHA256MSG1, SHA256MSG2.
#
# Two lanes at a time: each instruction waits for the one before in its lane. Registers of a lane: the state as
# SHA256RNDS2 has it, from the highest word A B E F and C D G H; sixteen words of the message schedule; one for what comes
# between. xmm0 is what SHA256RNDS2 adds, xmm15 reverses bytes.

        .text

        # Four rounds, the \group-th, with the words in \now.
        .macro  ni_rounds avx, group, now, abef, cdgh
        .if     \avx
        vpaddd  \group * 16(%r8), \now, %xmm0
        .else
        movdqa  \group * 16(%r8), %xmm0
        paddd   \now, %xmm0
        .endif
        sha256rnds2 %xmm0, \abef, \cdgh
        pshufd  $0x0e, %xmm0, %xmm0
        sha256rnds2 %xmm0, \cdgh, \abef
        .endm

        # The four words that come sixteen later, in place of \now.
        .macro  ni_words avx, now, next, third, fourth, between
        sha256msg1 \next, \now
        .if     \avx
        vpalignr $4, \third, \fourth, \between
        .else
        movdqa  \fourth, \between
        palignr $4, \third, \between
        .endif
        paddd   \between, \now
        sha256msg2 \fourth, \now
        .endm

        # \words: whether there are words that come later.
        .macro  ni_group avx, group, words, w0, w1, w2, w3, abef, cdgh, between
        ni_rounds \avx, \group, \w0, \abef, \cdgh
        .if     \words
        ni_words \avx, \w0, \w1, \w2, \w3, \between
        .endif
        .endm

        # Four rounds in both lanes.
        .macro  ni_groups avx, group, words, w0, w1, w2, w3, v0, v1, v2, v3
        ni_group \avx, \group, \words, %xmm\w0, %xmm\w1, %xmm\w2, %xmm\w3, %xmm1, %xmm2, %xmm7
        ni_group \avx, \group, \words, %xmm\v0, %xmm\v1, %xmm\v2, %xmm\v3, %xmm8, %xmm9, %xmm14
        .endm

        .macro  ni_sixteen_rounds avx, group, words
        ni_groups \avx, (\group), \words, 3, 4, 5, 6, 10, 11, 12, 13
        ni_groups \avx, (\group+1), \words, 4, 5, 6, 3, 11, 12, 13, 10
        ni_groups \avx, (\group+2), \words, 5, 6, 3, 4, 12, 13, 10, 11
        ni_groups \avx, (\group+3), \words, 6, 3, 4, 5, 13, 10, 11, 12
        .endm

        # Four words of a lane's block.
        .macro  ni_load from, to
        movdqu  \from, \to
        pshufb  %xmm15, \to
        .endm

        .macro  sha256_blocks_ni avx
        push    %rbx
        push    %rbp
        push    %r12
        mov     %rcx, %r12
        mov     %rsi, %rbp
        movdqa  big_endian_words(%rip), %xmm15
        lea     ni_state(%rip), %r10
        lea     round_constants(%rip), %r8
        lea     48 * 4(%r8), %r11
        mov     $LANES / 2, %ebx
1:      call    gather_lanes
        mov     %rbp, %rsi
        mov     %r12, %rcx

2:      ni_load (%rsi), %xmm3
        ni_load 16(%rsi), %xmm4
        ni_load 32(%rsi), %xmm5
        ni_load 48(%rsi), %xmm6
        ni_load "(%rsi, %rdx)", %xmm10
        ni_load "16(%rsi, %rdx)", %xmm11
        ni_load "32(%rsi, %rdx)", %xmm12
        ni_load "48(%rsi, %rdx)", %xmm13
        movdqa  %xmm1, (%r10)
        movdqa  %xmm2, 16(%r10)
        movdqa  %xmm8, 32(%r10)
        movdqa  %xmm9, 48(%r10)
        .if     \avx
        ni_sixteen_rounds 1, 0, 1
        ni_sixteen_rounds 1, 4, 1
        ni_sixteen_rounds 1, 8, 1
        ni_sixteen_rounds 1, 12, 0
        .else                           # in fewer bytes
3:      ni_sixteen_rounds 0, 0, 1
        add     $16 * 4, %r8
        cmp     %r11, %r8
        jne     3b
        ni_sixteen_rounds 0, 0, 0
        sub     $48 * 4, %r8
        .endif
        paddd   (%r10), %xmm1
        paddd   16(%r10), %xmm2
        paddd   32(%r10), %xmm8
        paddd   48(%r10), %xmm9
        add     $BLOCK_SIZE, %rsi
        dec     %rcx
        jnz     2b

        call    scatter_lanes
        lea     (%rbp, %rdx, 2), %rbp
        add     $8, %rdi
        dec     %ebx
        jnz     1b
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret
        .endm

function sha256_blocks_sha_avx
        sha256_blocks_ni 1

function sha256_blocks_sha
        sha256_blocks_ni 0

# Two lanes, whose first words are at rdi, into xmm1, xmm2, xmm8 and xmm9.
gather_lanes:
        call    find_words
1:      movzbl  (%r9), %esi
        mov     (%rdi, %rsi), %eax
        mov     %eax, (%r10)
        call    next_word
        jnz     1b
        sub     $64, %r10
        movdqa  (%r10), %xmm1
        movdqa  16(%r10), %xmm2
        movdqa  32(%r10), %xmm8
        movdqa  48(%r10), %xmm9
        ret

# And back.
scatter_lanes:
        movdqa  %xmm1, (%r10)
        movdqa  %xmm2, 16(%r10)
        movdqa  %xmm8, 32(%r10)
        movdqa  %xmm9, 48(%r10)
        call    find_words
1:      movzbl  (%r9), %esi
        mov     (%r10), %eax
        mov     %eax, (%rdi, %rsi)
        call    next_word
        jnz     1b
        sub     $64, %r10
        ret

find_words:
        lea     ni_words_order(%rip), %r9
        mov     $2 * WORDS, %ecx
        ret

next_word:
        add     $4, %r10
        inc     %r9
        dec     %ecx
        ret

ni_words_order:                         # F E B A, H G D C, of the first lane, then of the second
        .irp    lane, 0, 1
        .irp    word, 5, 4, 1, 0, 7, 6, 3, 2
        .byte   \word * LANE_SIZE + \lane * 4
        .endr
        .endr
