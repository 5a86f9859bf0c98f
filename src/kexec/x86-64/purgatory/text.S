# Texts and numbers, character by character.

        .text

# Prints the text at rdi, up to its NUL.
function put_text
        push    %rbx
        mov     %rdi, %rbx
1:      movzbl  (%rbx), %edi
        test    %edi, %edi
        jz      2f
        call    put_char
        inc     %rbx
        jmp     1b
2:      pop     %rbx
        ret

function begin_line
        say     "kexec-file: "
        ret

function end_line
        mov     $'\r', %edi
        call    put_char
        mov     $'\n', %edi
        jmp     put_char

# Prints rdi in hexadecimal, without zeros in front.
function put_hex
        mov     $1, %esi
        mov     %rdi, %rax
1:      shr     $4, %rax
        jz      put_digits
        inc     %esi
        jmp     1b

# Prints esi digits of rdi, the lowest ones.
put_digits:
        push    %rbx
        push    %rbp
        mov     %rdi, %rbx
        lea     (, %rsi, 4), %ebp
1:      sub     $4, %ebp
        mov     %ebp, %ecx
        mov     %rbx, %rdi
        shr     %cl, %rdi
        and     $0xf, %edi
        add     $'0', %edi
        cmp     $'9', %edi
        jbe     2f
        add     $'a' - '0' - 10, %edi
2:      call    put_char
        test    %ebp, %ebp
        jnz     1b
        pop     %rbp
        pop     %rbx
        ret

# Prints rdi in decimal.
function put_decimal
        sub     $24, %rsp
        mov     %rdi, %rax
        lea     23(%rsp), %rdi          # digits, written backwards
        movb    $0, (%rdi)
        mov     $10, %ecx
1:      xor     %edx, %edx
        div     %rcx
        add     $'0', %edx
        dec     %rdi
        mov     %dl, (%rdi)
        test    %rax, %rax
        jnz     1b
        call    put_text
        add     $24, %rsp
        ret

# Prints the DIGEST_SIZE bytes at rdi.
function put_digest
        push    %rbx
        push    %rbp
        mov     %rdi, %rbx
        lea     DIGEST_SIZE(%rdi), %rbp
1:      movzbl  (%rbx), %edi
        mov     $2, %esi
        call    put_digits
        inc     %rbx
        cmp     %rbp, %rbx
        jne     1b
        pop     %rbp
        pop     %rbx
        ret
