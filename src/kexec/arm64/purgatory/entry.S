// Purgatory: the code that runs between two kernels.
//
// kexec_load(2) lets the leaving kernel enter the next one with x0 = 0, which says "no device tree". Purgatory is
// entered in its place, verifies what was loaded, and hands over as Documentation/arch/arm64/booting.rst asks, "Call
// the kernel image":
//
//   x0 = physical address of the device tree, x1 = x2 = x3 = 0.
//
// What else booting.rst asks holds at entry here, and holds again at the end: the MMU and the data cache are off, DAIF
// is masked, the exception level is the leaving kernel's, every segment is clean to the point of coherency, and no
// instruction cache line or TLB entry is stale. docs/purgatory.md has the whole.
//
// With the MMU off, memory is Device-nGnRnE: an access that is not naturally aligned faults.

        .text
        .balign 4
        .globl  purgatory_start
function purgatory_start
        ldr     x0, purgatory_sha_regions + 8   // the length of the first: 0 if nothing is to be verified
        cbz     x0, hand_over

        adr     x0, stack_top
        mov     sp, x0
        bl      take_exceptions
        bl      enable_uart
        bl      verify                          // returns if the next kernel may be entered
        bl      leave_exceptions

function hand_over
        ldr     x17, kernel_entry
        ldr     x0, dtb_addr
        mov     x1, xzr
        mov     x2, xzr
        mov     x3, xzr
        br      x17                     // x17: a branch through it is allowed to land on "bti c"
        .size   purgatory_start, . - purgatory_start
