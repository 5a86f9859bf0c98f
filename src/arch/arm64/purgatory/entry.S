// Purgatory: the few instructions between the kernel that leaves and the kernel that comes.
//
// kexec_load(2) lets the leaving kernel enter the next one with x0 = 0, which says "no device tree". Purgatory is
// entered in its place and hands over as Documentation/arch/arm64/booting.rst asks, "Call the kernel image":
//
//   x0 = physical address of the device tree, x1 = x2 = x3 = 0.
//
// What else booting.rst asks holds at entry here and is left as it is: the MMU is off, DAIF is masked, the
// exception level is the leaving kernel's, and every segment was cleaned to the point of coherency.
//
// With the MMU off, memory is Device-nGnRnE: an access that is not naturally aligned faults. Nothing here needs a
// stack. Code and data lie in sections of their own, so that loading the object always relocates it.

        .arch   armv8-a

        .text
        .balign 4
        .globl  purgatory_start
        .type   purgatory_start, %function
purgatory_start:
        adrp    x17, kernel_entry
        ldr     x17, [x17, #:lo12:kernel_entry]
        adrp    x0, dtb_addr
        ldr     x0, [x0, #:lo12:dtb_addr]
        mov     x1, xzr
        mov     x2, xzr
        mov     x3, xzr
        br      x17                     // x17: a branch through it is allowed to land on "bti c"
        .size   purgatory_start, . - purgatory_start

// What the loader fills in. Not in .bss: the loader sets only bytes that are in the file.

        .macro  object name, size
        .globl  \name
        .type   \name, %object
        .size   \name, \size
\name:  .zero   \size
        .endm

        .data
        .balign 8
        object  kernel_entry, 8                 // u64, physical address of the Image's first instruction
        object  dtb_addr, 8                     // u64, physical address of the device tree
        object  purgatory_sha_regions, 16 * 16  // 16 times u64 start, u64 length: one for each segment
        object  purgatory_sha256_digest, 32     // SHA-256 over these regions
