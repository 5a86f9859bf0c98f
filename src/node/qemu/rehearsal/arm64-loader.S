// loader KIMAGE: loads a crash kernel by kexec_load(2), in a guest without kexec-tools.
//
// KIMAGE is a file with the arguments of the system call: the entry, the number of segments, then for each a `struct
// kexec_segment` (buf, bufsz, mem, memsz), each field 8 bytes, where buf counts from the start of the file.
//
// It exits with 0, or with the errno of the call that failed; with 22 (EINVAL) if its arguments are wrong.

        .equ    SYS_openat, 56
        .equ    SYS_lseek, 62
        .equ    SYS_exit, 93
        .equ    SYS_kexec_load, 104
        .equ    SYS_mmap, 222

        .equ    AT_FDCWD, -100
        .equ    SEEK_END, 2
        .equ    PROT_READ_WRITE, 3
        .equ    MAP_PRIVATE, 2
        .equ    EINVAL, 22
        .equ    SEGMENT_SIZE, 32
        .equ    LARGEST_ERRNO, 4095

        // KEXEC_ON_CRASH, and KEXEC_ARCH_AARCH64: e_machine in the upper half.
        .equ    FLAGS, 1 | (183 << 16)

        // A system call that ends the program if it fails.
        .macro  system number
        mov     x8, #\number
        svc     #0
        cmn     x0, #LARGEST_ERRNO
        b.hs    fail
        .endm

        .text
        .globl  _start
_start:
        ldr     x0, [sp]                // argc
        cmp     x0, #2
        mov     x0, #-EINVAL
        b.ne    fail

        mov     x0, #AT_FDCWD
        ldr     x1, [sp, #16]           // argv[1]
        mov     x2, #0                  // O_RDONLY
        system  SYS_openat
        mov     x19, x0

        mov     x1, #0
        mov     x2, #SEEK_END
        system  SYS_lseek

        // Private: each buf becomes an address, in the copy of this process.
        mov     x1, x0
        mov     x0, #0
        mov     x2, #PROT_READ_WRITE
        mov     x3, #MAP_PRIVATE
        mov     x4, x19
        mov     x5, #0
        system  SYS_mmap

        mov     x20, x0
        ldp     x0, x1, [x20]           // entry, number of segments
        add     x2, x20, #16            // the segments
        mov     x9, x2
        mov     x10, x1
1:      cbz     x10, 2f
        ldr     x11, [x9]
        add     x11, x11, x20
        str     x11, [x9], #SEGMENT_SIZE
        sub     x10, x10, #1
        b       1b
2:
        ldr     w3, =FLAGS
        system  SYS_kexec_load
        // x0 is 0, the exit code.

fail:   neg     x0, x0
        mov     x8, #SYS_exit
        svc     #0
