# Purgatory: the code that runs between two kernels.
#
# kexec_load(2) lets the leaving kernel enter the segment list's entry with all general registers 0. Purgatory is entered,
# verifies what was loaded, and hands over as Documentation/arch/x86/boot.rst asks, "64-bit Boot Protocol":
#
#   rsi = physical address of boot_params; CS = __BOOT_CS (0x10), DS = ES = SS = __BOOT_DS (0x18), flat segments in a
#   GDT that is loaded; interrupts off, 64-bit mode, an identity map of the kernel, boot_params and command line.
#
# At entry the CPU is in 64-bit mode with the leaving kernel's identity map of all RAM, interrupts off, and neither a
# usable stack, nor GDT, nor IDT (kernel function relocate_kernel()). docs/purgatory.md has the whole.

        .text
        .balign 16
        .globl  purgatory_start
function purgatory_start
        cli
        cld
        lea     stack_top(%rip), %rsp
        call    load_segments
        cmpq    $0, purgatory_sha_regions + 8(%rip)     # the length of the first: 0 if nothing is to be verified
        je      hand_over
        call    take_exceptions
        call    enable_uart
        call    verify                          # returns if the next kernel may be entered
function leave
        call    unmap_device
        call    leave_exceptions

function hand_over
        lea     stack_top(%rip), %rsp
        mov     boot_params_addr(%rip), %rsi
        .irp    register, eax, ebx, ecx, edx, edi, ebp, r8d, r9d, r10d, r11d, r12d, r13d, r14d, r15d
        xor     %\register, %\register
        .endr
        cld
        jmp     *kernel_entry(%rip)
        .size   purgatory_start, . - purgatory_start

# The table stays behind for the next kernel, which has its own soon.
function load_segments
        lea     gdt(%rip), %rax
        mov     %rax, gdt_register + 2(%rip)
        movw    $GDT_SIZE - 1, gdt_register(%rip)
        lgdt    gdt_register(%rip)
        mov     $BOOT_DS, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        xor     %eax, %eax
        mov     %eax, %fs
        mov     %eax, %gs
        pop     %rax
        pushq   $BOOT_CS
        push    %rax
        lretq

        .balign 8
gdt:    .quad   0, 0
        .quad   0x00af9b000000ffff      # BOOT_CS: 64-bit code, execute and read, flat
        .quad   0x00cf93000000ffff      # BOOT_DS: data, read and write, flat
        .equ    GDT_SIZE, . - gdt
