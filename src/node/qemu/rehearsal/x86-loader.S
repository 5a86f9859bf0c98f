# loader KIMAGE: loads a crash kernel by kexec_load(2), in a guest without kexec-tools.
#
# KIMAGE is a file with the arguments of the system call: the entry, the number of segments, then for each a `struct
# kexec_segment` (buf, bufsz, mem, memsz), each field 8 bytes, where buf counts from the start of the file.
#
# It exits with 0, or with the errno of the call that failed; with 22 (EINVAL) if its arguments are wrong.

        .equ    SYS_open, 2
        .equ    SYS_lseek, 8
        .equ    SYS_mmap, 9
        .equ    SYS_exit, 60
        .equ    SYS_kexec_load, 246

        .equ    SEEK_END, 2
        .equ    PROT_READ_WRITE, 3
        .equ    MAP_PRIVATE, 2
        .equ    EINVAL, 22
        .equ    SEGMENT_SIZE, 32
        .equ    LARGEST_ERRNO, 4095

        # KEXEC_ON_CRASH, and KEXEC_ARCH_X86_64: e_machine in the upper half.
        .equ    FLAGS, 1 | (62 << 16)

        # A system call that ends the program if it fails. It clobbers rcx and r11.
        .macro  system number
        mov     $\number, %eax
        syscall
        cmp     $-LARGEST_ERRNO, %rax
        jae     fail
        .endm

        .text
        .globl  _start
_start:
        mov     $-EINVAL, %rax
        cmpq    $2, (%rsp)              # argc
        jne     fail

        mov     16(%rsp), %rdi          # argv[1]
        xor     %esi, %esi              # O_RDONLY
        system  SYS_open
        mov     %rax, %rbx

        mov     %rbx, %rdi
        xor     %esi, %esi
        mov     $SEEK_END, %edx
        system  SYS_lseek

        # Private: each buf becomes an address, in the copy of this process.
        mov     %rax, %rsi
        xor     %edi, %edi
        mov     $PROT_READ_WRITE, %edx
        mov     $MAP_PRIVATE, %r10d
        mov     %rbx, %r8
        xor     %r9d, %r9d
        system  SYS_mmap

        mov     (%rax), %rdi            # entry
        mov     8(%rax), %rsi           # number of segments
        lea     16(%rax), %rdx          # the segments
        mov     %rdx, %r8
        mov     %rsi, %r9
1:      test    %r9, %r9
        jz      2f
        add     %rax, (%r8)
        add     $SEGMENT_SIZE, %r8
        dec     %r9
        jmp     1b
2:
        mov     $FLAGS, %r10d
        system  SYS_kexec_load
        # rax is 0, the exit code.

fail:   neg     %rax
        mov     %rax, %rdi
        mov     $SYS_exit, %eax
        syscall
