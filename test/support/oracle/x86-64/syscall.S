# `syscall NUMBER [ARGUMENT...]` for x86_64: as arm64's ../syscall.S, with the same arguments and exit status.

        .intel_syntax noprefix

        .equ    SYS_exit, 60
        .equ    WORDS, 7
        .equ    OTHER_ERRNO, 255
        .equ    WRONG_USAGE, 254

        .text
        .globl  _start
_start:
        mov     rbx, [rsp]              # argc, then argv[0] and so on
        lea     rsi, [rsp + 16]
        lea     rdi, [rip + words]
        dec     rbx
        jz      usage
        cmp     rbx, WORDS
        ja      usage
1:      mov     rdx, [rsi]
        call    parse
        mov     [rdi], rax
        add     rsi, 8
        add     rdi, 8
        dec     rbx
        jnz     1b

        lea     rbx, [rip + words]
        mov     rax, [rbx]
        mov     rdi, [rbx + 8]
        mov     rsi, [rbx + 16]
        mov     rdx, [rbx + 24]
        mov     r10, [rbx + 32]
        mov     r8, [rbx + 40]
        mov     r9, [rbx + 48]
        syscall

        xor     edi, edi
        test    rax, rax
        jns     exit
        neg     rax
        mov     edi, OTHER_ERRNO
        cmp     rax, rdi
        cmovb   rdi, rax
exit:   mov     eax, SYS_exit
        syscall

usage:  mov     edi, WRONG_USAGE
        jmp     exit

# Returns in rax the value of the argument rdx. Changes rcx, rdx, r8 and r9.
parse:
        xor     eax, eax
        mov     r8d, 10                 # the base
        mov     r9d, 1                  # the sign
        movzx   ecx, byte ptr [rdx]
        inc     rdx
        cmp     ecx, '='
        je      5f
        cmp     ecx, '-'
        jne     1f
        mov     r9, -1
        movzx   ecx, byte ptr [rdx]
        inc     rdx
1:      cmp     ecx, '0'
        jne     2f
        cmp     byte ptr [rdx], 'x'
        jne     2f
        mov     r8d, 16
        movzx   ecx, byte ptr [rdx + 1]
        add     rdx, 2
2:      sub     ecx, '0'                # a digit, or a letter from a on
        cmp     ecx, 10
        jb      3f
        sub     ecx, 'a' - '0'
        cmp     ecx, 26
        jae     usage
        add     ecx, 10
3:      cmp     ecx, r8d
        jae     usage
        imul    rax, r8
        add     rax, rcx
        movzx   ecx, byte ptr [rdx]
        inc     rdx
        test    ecx, ecx
        jnz     2b
        imul    rax, r9
        ret
5:      mov     rax, rdx
        ret

        .data
        .balign 8
words:  .fill   WORDS, 8, 0
