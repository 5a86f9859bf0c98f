# The digest of a region: a tree of SHA-256 (FIPS 180-4), so that a CPU without instructions for SHA-256 can digest several
# parts of a region at a time, and one with them can fill its pipeline.
#
# A region of n bytes has eight parts of p = 64 * (n / 512) bytes each (rounded down), and a rest r of fewer than 512. Its
# digest is
#
#   SHA-256(SHA-256(part 0) || … || SHA-256(part 7) || r)
#
# region-digest.ts computes the same.
#
# Each way of hashing is a function for blocks of 64 bytes: rdi is the state, eight words of each of the eight lanes, lane by
# lane within a word; rsi the data of the first lane; rdx the distance in bytes from one lane's data to the next's; rcx the
# number of blocks of each lane, at least one.

        .equ    BLOCK_SIZE, 64
        .equ    LANES, 8
        .equ    WORDS, 8
        .equ    LANE_SIZE, LANES * 4

        .text

# rdi: the region's start; rsi: its length in bytes. The digest goes to `digest`.
function digest_region
        push    %rbx
        push    %rbp
        push    %r12
        mov     %rdi, %rbx
        mov     %rsi, %rbp
        shr     $9, %rsi
        mov     %rsi, %r12              # blocks of each part

        call    start_lanes
        test    %r12, %r12
        jz      1f
        mov     %rbx, %rsi
        mov     %r12, %rdx
        shl     $6, %rdx
        mov     %r12, %rcx
        call    hash_blocks
1:      lea     message(%rip), %rdi     # the same for all parts: a one, zeros, and the length in bits
        mov     %r12, %rdx
        shl     $6, %rdx
        xor     %esi, %esi
        call    pad
        call    hash_message

        # The second level: the digests of the parts, and the rest.
        lea     message(%rip), %rdi
        xor     %edx, %edx
2:      call    write_digest
        inc     %edx
        cmp     $LANES, %edx
        jne     2b
        mov     %r12, %rsi
        shl     $9, %rsi
        add     %rbx, %rsi
        mov     %ebp, %ecx
        and     $511, %ecx
        lea     LANES * DIGEST_SIZE(%rcx), %rdx
        rep movsb
        lea     message(%rip), %rsi
        sub     %rdi, %rsi
        neg     %rsi
        and     $BLOCK_SIZE - 1, %esi
        call    pad
        push    %rax
        call    start_lanes
        pop     %rax
        call    hash_message
        lea     digest(%rip), %rdi
        xor     %edx, %edx
        call    write_digest
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret

# All lanes hash what is at `message` up to rax.
hash_message:
        lea     message(%rip), %rsi
        mov     %rax, %rcx
        sub     %rsi, %rcx
        shr     $6, %rcx
        xor     %edx, %edx

# Blocks of the lanes in `state`; the other arguments are the way's.
hash_blocks:
        lea     state(%rip), %rdi
        jmp     *sha256_blocks(%rip)

# Ends a message of rdx bytes behind rdi, where esi bytes of a block are: a one, zeros, and the length in bits. Returns its end
# in rax.
pad:
        movb    $0x80, (%rdi)
        inc     %rdi
        mov     $2 * BLOCK_SIZE - 9, %ecx
        sub     %esi, %ecx
        cmp     $BLOCK_SIZE, %ecx
        jb      1f
        sub     $BLOCK_SIZE, %ecx
1:      xor     %eax, %eax
        rep stosb
        shl     $3, %rdx
        bswap   %rdx
        mov     %rdx, (%rdi)
        lea     8(%rdi), %rax
        ret

# The initial hash value in all lanes.
start_lanes:
        lea     initial_state(%rip), %rsi
        lea     state(%rip), %rdi
        mov     $WORDS, %edx
1:      lodsl
        mov     $LANES, %ecx
        rep stosl
        dec     %edx
        jnz     1b
        ret

# Writes the digest of lane edx to rdi, which moves on. Words are big-endian in a digest.
write_digest:
        lea     state(%rip), %rsi
        lea     (%rsi, %rdx, 4), %rsi
        mov     $WORDS, %ecx
1:      mov     (%rsi), %eax
        bswap   %eax
        stosl
        add     $LANE_SIZE, %rsi
        dec     %ecx
        jnz     1b
        ret

        .balign 4
sha256_ways:                            # by WAY_…, from here
        .long   sha256_blocks_sse2 - sha256_ways, sha256_blocks_avx2 - sha256_ways
        .long   sha256_blocks_sha - sha256_ways, sha256_blocks_sha_avx - sha256_ways

# --- Constants

        .text   2                       # behind code and texts
        .balign 16
        .include "sha256-constants.inc"
        .balign 16
big_endian_words:                       # PSHUFB: the bytes of each word, reversed
        .byte   3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12
