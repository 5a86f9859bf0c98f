// The MMU and the data cache, switched on to read at the speed of the cache, and off again without a trace.
//
// The tables are built by the loader (identity-map.ts): an identity map with 4 KiB pages and 48-bit addresses, in which
// everything is read-only but the scratch pages, and only purgatory is executable. Arm Architecture Reference Manual,
// D8 "The AArch64 Virtual Memory System Architecture".
//
// regime.inc names the registers of the exception level.

        .equ    MMFR0_TGRAN4_SHIFT, 28
        .equ    MMFR0_TGRAN4_NONE, 0xf
        .equ    PARANGE_48_BITS, 5

        .equ    SCTLR_M, 1 << 0
        .equ    SCTLR_C, 1 << 2
        .equ    SCTLR_I, 1 << 12
        .equ    SCTLR_WXN, 1 << 19
        .equ    SCTLR_EE, 1 << 25

        .equ    MAIR_WRITE_BACK, 0xff

        // T0SZ 16: 48 bits. Walks: inner shareable, write-back. TG0 0: 4 KiB.
        .equ    TCR_COMMON, 16 | (1 << 8) | (1 << 10) | (3 << 12)
        .equ    TCR_EL1_EPD1, 1 << 23           // no walks for the upper half
        .equ    TCR_EL1_IPS_SHIFT, 32
        .equ    TCR_EL2_RES1, (1 << 23) | (1 << 31)
        .equ    TCR_EL2_PS_SHIFT, 16

        .equ    MMFR1_PAN_SHIFT, 20

        .macro  invalidate_tlb scratch
        mrs     \scratch, CurrentEL
        cmp     \scratch, #CURRENTEL_EL2
        b.eq    .Lel2\@
        tlbi    vmalle1
        b       .Ldone\@
.Lel2\@: tlbi   alle2
.Ldone\@:
        dsb     sy
        isb
        .endm

        // Does a cache operation on every line of the scratch pages.
        .macro  for_scratch operation
        mrs     x1, ctr_el0
        ubfx    x1, x1, #16, #4         // DminLine, in words
        mov     x2, #4
        lsl     x1, x2, x1
        adr     x2, scratch
        adr     x3, scratch_end
.Lline\@:
        dc      \operation, x2
        add     x2, x2, x1
        cmp     x2, x3
        b.lo    .Lline\@
        dsb     sy
        .endm

        .text

// Returns in x0 whether this CPU and the loader's tables allow it.
function mmu_is_usable
        ldr     x0, page_table_root
        cbz     x0, 1f
        mrs     x1, id_aa64mmfr0_el1
        ubfx    x1, x1, #MMFR0_TGRAN4_SHIFT, #4
        cmp     x1, #MMFR0_TGRAN4_NONE
        cset    x0, ne
1:      ret

// Writes nothing to memory behind the point where it is invalidated in the cache; the same holds for disable_mmu.
function enable_mmu
        str     x28, [sp, #-16]!
        find_regime x0
        adr     x4, saved_registers
        read    x0, sctlr
        read    x1, tcr
        read    x2, mair
        read    x3, ttbr0
        stp     x0, x1, [x4]
        stp     x2, x3, [x4, #16]
        mrs     x5, id_aa64mmfr1_el1
        ubfx    x5, x5, #MMFR1_PAN_SHIFT, #4
        cbz     x5, 1f
        read_pan x5
        write_pan xzr       // what is mapped is readable at EL0, too
1:      str     x5, [x4, #32]

        // Lines that the leaving kernel's copying left behind are clean, and older than what was written since.
        dsb     sy
        for_scratch ivac

        ldr     x3, page_table_root
        mov     x2, #MAIR_WRITE_BACK
        mrs     x5, id_aa64mmfr0_el1
        and     x5, x5, #0xf            // PARange
        mov     x6, #PARANGE_48_BITS
        cmp     x5, x6
        csel    x5, x5, x6, lo
        mov     x1, #TCR_COMMON
        cbnz    x28, 2f
        orr     x1, x1, #TCR_EL1_EPD1
        orr     x1, x1, x5, lsl #TCR_EL1_IPS_SHIFT
        b       3f
2:      mov     x6, #TCR_EL2_RES1
        orr     x1, x1, x6
        orr     x1, x1, x5, lsl #TCR_EL2_PS_SHIFT
3:      write   mair, x2
        write   tcr, x1
        write   ttbr0, x3
        isb
        invalidate_tlb x1
        mov     x1, #SCTLR_WXN
        bic     x0, x0, x1
        orr     x0, x0, #SCTLR_M
        orr     x0, x0, #SCTLR_C
        orr     x0, x0, #SCTLR_I
        write   sctlr, x0
        isb
        ldr     x28, [sp], #16
        ret

function disable_mmu
        str     x28, [sp, #-16]!
        find_regime x0
        adr     x4, saved_registers
        for_scratch civac
        ldp     x0, x1, [x4]
        ldp     x2, x3, [x4, #16]
        write   sctlr, x0
        isb
        write   tcr, x1
        write   mair, x2
        write   ttbr0, x3
        isb
        invalidate_tlb x1
        // What was read into the cache through saved_registers above is clean; it must not outlive what follows.
        for_scratch ivac
        ldr     x5, [x4, #32]
        cbz     x5, 1f                  // it was 0, or there is none
        write_pan x5
1:      ldr     x28, [sp], #16
        ret
