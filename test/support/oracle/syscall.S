// `syscall NUMBER [ARGUMENT...]`: one Linux system call, from a shell. No libc: an arm64 static executable.
//
// Number and arguments, six at most, are decimal or 0x-hexadecimal numbers, negative with a "-" before them. An argument
// that begins with "=" is a text: the kernel gets the address of the characters after the "=". The shell opens files and
// passes their numbers: `syscall 294 3 4 5 =text 8 3<kernel 4<initrd`.
//
// The exit status is 0, or the errno; 255 for any above, 254 for an argument that is neither number nor text.

        .equ    SYS_exit, 93
        .equ    WORDS, 7
        .equ    OTHER_ERRNO, 255
        .equ    WRONG_USAGE, 254

        .text
        .globl  _start
_start:
        ldr     x19, [sp]               // argc, then argv[0] and so on
        add     x20, sp, #16
        adr     x21, words
        subs    x19, x19, #1
        b.eq    usage
        cmp     x19, #WORDS
        b.hi    usage
1:      ldr     x0, [x20], #8
        bl      word
        str     x0, [x21], #8
        subs    x19, x19, #1
        b.ne    1b

        adr     x9, words
        ldr     x8, [x9]
        ldp     x0, x1, [x9, #8]
        ldp     x2, x3, [x9, #24]
        ldp     x4, x5, [x9, #40]
        svc     #0

        asr     x1, x0, #63             // all ones for an error
        and     x0, x0, x1
        neg     x0, x0
        mov     x1, #OTHER_ERRNO
        cmp     x0, x1
        csel    x0, x0, x1, lo
exit:   mov     x8, #SYS_exit
        svc     #0

usage:  mov     x0, #WRONG_USAGE
        b       exit

// Returns in x0 the value of the argument x0.
word:
        mov     x1, x0
        mov     x0, #0
        mov     x2, #10                 // the base
        mov     x3, #1                  // the sign
        ldrb    w4, [x1], #1
        cmp     w4, #'='
        b.eq    5f
        cmp     w4, #'-'
        b.ne    1f
        mov     x3, #-1
        ldrb    w4, [x1], #1
1:      cmp     w4, #'0'
        b.ne    2f
        ldrb    w5, [x1]
        cmp     w5, #'x'
        b.ne    2f
        mov     x2, #16
        add     x1, x1, #1
        ldrb    w4, [x1], #1
2:      sub     w5, w4, #'0'            // a digit, or a letter from a on
        cmp     w5, #10
        b.lo    3f
        sub     w5, w4, #'a'
        cmp     w5, #26
        b.hs    usage
        add     w5, w5, #10
3:      cmp     w5, w2
        b.hs    usage
        madd    x0, x0, x2, x5
        ldrb    w4, [x1], #1
        cbnz    w4, 2b
        mul     x0, x0, x3
        ret
5:      mov     x0, x1
        ret

        .data
        .balign 8
words:  .fill   WORDS, 8, 0
