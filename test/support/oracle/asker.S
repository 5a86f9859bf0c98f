// The only program of the oracle's initramfs: passes each file to kexec_file_load(2), and writes down the kernel's
// verdict on it. No libc: a static arm64 executable that uses only Linux system calls.
//
// /share (9p, tag "share") has two files:
//
//   requests   records: le32 kind, le32 length, `length` bytes
//                0  a kernel, for kexec_file_load(fd, -1, "", NO_INITRAMFS)
//                1  a certificate (DER), for the keyring .secondary_trusted_keys
//                2  a lockdown level, for /sys/kernel/security/lockdown: "integrity"
//                3  a rule, for /sys/kernel/security/ima/policy
//                4  nothing, for kexec_load(0, 0, 0, 0), which unloads
//   answers    one record for each request, in their order: le32 verdict, le32 result of the system call
//
// The verdict on a kernel is read from the kernel's log between the call and its return: 0 for "The digests match!",
// -errno for "kernel signature verification failed (-errno)", 1 for neither, if the call did not get beyond
// the Image's header. Both lines need dyndbg. For other requests the verdict is 1.
//
// Other errors are printed on the console. The machine is always switched off at the end.

        .equ    SYS_mkdirat, 34
        .equ    SYS_mount, 40
        .equ    SYS_openat, 56
        .equ    SYS_close, 57
        .equ    SYS_lseek, 62
        .equ    SYS_read, 63
        .equ    SYS_write, 64
        .equ    SYS_kexec_load, 104
        .equ    SYS_reboot, 142
        .equ    SYS_add_key, 217
        .equ    SYS_kexec_file_load, 294

        .equ    AT_FDCWD, -100
        .equ    O_RDONLY, 0
        .equ    O_WRONLY, 1
        .equ    O_NEW, 01 | 0100 | 01000        // O_WRONLY | O_CREAT | O_TRUNC
        .equ    O_NONBLOCK, 04000
        .equ    SEEK_END, 2
        .equ    EAGAIN, 11
        .equ    EPIPE, 32

        .equ    KEXEC_FILE_NO_INITRAMFS, 4
        .equ    REBOOT_MAGIC1, 0xfee1dead
        .equ    REBOOT_MAGIC2, 0x28121969
        .equ    REBOOT_POWER_OFF, 0x4321fedc

        .equ    KIND_KERNEL, 0
        .equ    KIND_CERTIFICATE, 1
        .equ    KIND_LOCKDOWN, 2
        .equ    KIND_RULE, 3
        .equ    KIND_SEGMENTS, 4

        .equ    NOTHING_SAID, 1
        .equ    REQUEST_LIMIT, 0x1000000
        .equ    LOG_LIMIT, 0x4000

// Registers that keep their meaning:
//   x19  requests     x20  answers     x21  /dev/kmsg
//   x22  the keyring  x23, x24  kind and length of a request
//   x25  the verdict  x26  the system call's result
// Subroutines take x0 to x5 and may change x0 to x17.

        // Loads the address of a text.
        .macro  text register, string
        .pushsection .rodata
.Ltext\@: .asciz "\string"
        .popsection
        adr     \register, .Ltext\@
        .endm

        .macro  call number
        mov     x8, #\number
        svc     #0
        .endm

        // If the last system call failed: prints what could not be done, and ends.
        .macro  or_fail what
        tbz     x0, #63, .Lgood\@
        text    x1, "asker: cannot \what\n"
        b       fail
.Lgood\@:
        .endm

        .macro  mount_at what, where, type
        text    x1, "\where"
        mov     x0, #AT_FDCWD
        mov     x2, #0700
        call    SYS_mkdirat
        text    x0, "\what"
        text    x1, "\where"
        text    x2, "\type"
        .endm

        .macro  open path, flags
        mov     x0, #AT_FDCWD
        text    x1, "\path"
        mov     x2, #\flags
        mov     x3, #0600
        call    SYS_openat
        .endm

        .text
        .globl  _start
_start:
        mount_at proc, /proc, proc
        mov     x3, #0
        mov     x4, #0
        call    SYS_mount
        or_fail "mount /proc"
        mount_at securityfs, /security, securityfs
        mov     x3, #0
        mov     x4, #0
        call    SYS_mount
        or_fail "mount securityfs"
        mount_at share, /share, 9p
        mov     x3, #0
        text    x4, "trans=virtio,version=9p2000.L,msize=131072"
        call    SYS_mount
        or_fail "mount /share"

        open    /share/requests, O_RDONLY
        or_fail "open the requests"
        mov     x19, x0
        open    /share/answers, O_WRONLY
        or_fail "open the answers"
        mov     x20, x0
        open    /dev/kmsg, O_NONBLOCK
        or_fail "open /dev/kmsg"
        mov     x21, x0
        mov     x1, #0
        mov     x2, #SEEK_END
        call    SYS_lseek
        or_fail "go to the end of /dev/kmsg"
        bl      find_keyring

next:   adr     x1, header
        mov     x2, #8
        bl      read_fully
        cbz     x0, power_off
        adr     x0, header
        ldp     w23, w24, [x0]
        mov     x0, #REQUEST_LIMIT
        subs    x0, x0, x24
        or_fail "take a request of this size"
        ldr     x1, =request
        mov     x2, x24
        bl      read_fully

        mov     x25, #NOTHING_SAID
        cmp     w23, #KIND_KERNEL
        b.eq    load_kernel
        cmp     w23, #KIND_CERTIFICATE
        b.eq    add_certificate
        cmp     w23, #KIND_LOCKDOWN
        b.eq    lock_down
        cmp     w23, #KIND_RULE
        b.eq    add_rule
        cmp     w23, #KIND_SEGMENTS
        b.eq    load_segments
        mov     x0, #-1
        or_fail "tell what is wanted"

load_kernel:
        open    /kernel, O_NEW
        or_fail "write the kernel"
        mov     x9, x0
        ldr     x1, =request
        mov     x2, x24
        call    SYS_write
        cmp     x0, x24
        csetm   x0, ne
        or_fail "write the whole kernel"
        mov     x0, x9
        call    SYS_close
        open    /kernel, O_RDONLY       // a file that is open for writing cannot be loaded: ETXTBSY
        or_fail "open the kernel"
        mov     x9, x0
        mov     x1, #-1
        mov     x2, #1
        text    x3, ""
        mov     x4, #KEXEC_FILE_NO_INITRAMFS
        call    SYS_kexec_file_load
        mov     x26, x0
        mov     x0, x9
        call    SYS_close
        bl      read_log
        b       answer

add_certificate:
        text    x0, asymmetric
        mov     x1, #0
        ldr     x2, =request
        mov     x3, x24
        mov     x4, x22
        call    SYS_add_key
        asr     x1, x0, #63             // the key's number does not matter, only whether there is one
        and     x26, x0, x1
        b       answer

load_segments:
        mov     x0, #0
        mov     x1, #0
        mov     x2, #0
        mov     x3, #0
        call    SYS_kexec_load
        mov     x26, x0
        b       answer

add_rule:
        open    /security/ima/policy, O_WRONLY
        or_fail "open the policy of IMA"
        b       write_request

lock_down:
        open    /security/lockdown, O_WRONLY
        or_fail "open lockdown"
write_request:
        mov     x9, x0
        ldr     x1, =request
        mov     x2, x24
        call    SYS_write
        asr     x1, x0, #63
        and     x26, x0, x1
        mov     x0, x9
        call    SYS_close

answer: adr     x1, header
        stp     w25, w26, [x1]
        mov     x0, x20
        mov     x2, #8
        call    SYS_write
        or_fail "write an answer"
        b       next

// Reads x2 bytes of the requests to x1. Returns x2, or 0 at the end of the requests; ends the program in between.
read_fully:
        mov     x10, x1
        mov     x11, x2
        mov     x12, x2
1:      cbz     x11, 2f
        mov     x0, x19
        mov     x1, x10
        mov     x2, x11
        call    SYS_read
        or_fail "read the requests"
        cbz     x0, 3f
        add     x10, x10, x0
        sub     x11, x11, x0
        b       1b
2:      mov     x0, x12
        ret
3:      cmp     x11, x12
        csetm   x0, ne
        or_fail "read a whole request"
        mov     x0, #0
        ret

// Reads the new lines of the kernel's log, and returns the verdict on the signature in x25.
read_log:
        mov     x17, x30
1:      mov     x0, x21
        ldr     x1, =log
        mov     x2, #LOG_LIMIT
        call    SYS_read
        cmn     x0, #EAGAIN
        b.eq    4f
        cmn     x0, #EPIPE              // the log was overwritten before it was read: a line may be lost
        b.ne    2f
        mov     x0, #-1
2:      or_fail "read /dev/kmsg"
        ldr     x1, =log
        add     x2, x1, x0
        text    x3, "The digests match!"
        bl      search
        cbz     x0, 3f
        mov     x25, #0
3:      ldr     x1, =log
        text    x3, "signature verification failed (-"
        bl      search
        cbz     x0, 1b
        mov     x3, #10
        bl      read_number
        neg     x25, x4
        b       1b
4:      ret     x17

// Searches from x1 to x2 for the text x3. Returns the address after it, or 0.
search:
        mov     x4, x1
        mov     x5, x3
1:      ldrb    w6, [x5], #1
        cbz     w6, 2f
        cmp     x4, x2
        b.eq    3f
        ldrb    w7, [x4], #1
        cmp     w6, w7
        b.eq    1b
        add     x1, x1, #1
        b       search
2:      mov     x0, x4
        ret
3:      mov     x0, #0
        ret

// Reads the number at x0, of digits below x3 = 10 or 16; returns it in x4, and in x0 the address after it.
read_number:
        mov     x4, #0
1:      ldrb    w5, [x0]
        sub     w6, w5, #'0'
        cmp     w6, #10
        b.lo    2f
        sub     w6, w5, #'a' - 10
2:      cmp     w6, w3
        b.hs    3f
        cmp     w6, #0
        b.lt    3f
        madd    x4, x4, x3, x6
        add     x0, x0, #1
        b       1b
3:      ret

// Finds the number of .secondary_trusted_keys: /proc/keys has a line for each key, which begins with its number, in hex.
find_keyring:
        mov     x17, x30
        open    /proc/keys, O_RDONLY
        or_fail "open /proc/keys"
        mov     x9, x0
        ldr     x10, =log
        mov     x11, #LOG_LIMIT
1:      mov     x0, x9
        mov     x1, x10
        mov     x2, x11
        call    SYS_read
        or_fail "read /proc/keys"
        add     x10, x10, x0
        sub     x11, x11, x0
        cbnz    x0, 1b
        mov     x0, x9
        call    SYS_close

        ldr     x1, =log
        mov     x2, x10
        text    x3, ".secondary_trusted_keys"
        bl      search
        sub     x0, x0, #1
        or_fail "find the keyring"
2:      ldr     x1, =log                // back to the start of its line
        cmp     x0, x1
        b.eq    3f
        ldrb    w2, [x0, #-1]
        cmp     w2, #'\n'
        b.eq    3f
        sub     x0, x0, #1
        b       2b
3:      mov     x3, #16
        bl      read_number
        mov     x22, x4
        ret     x17

// Writes the text x1 to the console, and ends the program.
fail:
        mov     x2, #0
1:      ldrb    w3, [x1, x2]
        cbz     w3, 2f
        add     x2, x2, #1
        b       1b
2:      mov     x0, #1
        call    SYS_write

power_off:
        ldr     x0, =REBOOT_MAGIC1
        ldr     x1, =REBOOT_MAGIC2
        ldr     x2, =REBOOT_POWER_OFF
        call    SYS_reboot
        b       .

        .balign 8
        .ltorg

        .bss
        .balign 16
        .lcomm  request, REQUEST_LIMIT
        .lcomm  log, LOG_LIMIT
        .data
        .balign 8
header: .quad   0
