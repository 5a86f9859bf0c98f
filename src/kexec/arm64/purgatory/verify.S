// Verifies the regions, reports the result, and handles a region that is not what was loaded.

        .equ    ISAR0_SHA2_SHIFT, 12
        .equ    PFR0_ADVSIMD_SHIFT, 20
        .equ    PFR0_ADVSIMD_NONE, 0xf
        .equ    CPACR_FPEN, 3 << 20
        .equ    CPTR_TFP, 1 << 10

        .equ    PSCI_SYSTEM_RESET, 0x84000009

        .equ    MILLISECONDS, 1000

        .text

// Returns if every region is what was loaded, or if on_mismatch says to continue.
//
// x19 the function that hashes; x20, x21, x22 the region, its digest, its name; x23 their end; x24 whether to use
// the MMU; x25 the counter at the start; x26 the bytes verified.
function verify
        stp     x29, x30, [sp, #-16]!
        bl      choose_sha256
        mov     x19, x0
        bl      mmu_is_usable
        mov     x24, x0
        bl      announce

        isb
        mrs     x25, cntpct_el0
        mov     x26, xzr
        cbz     x24, 1f
        bl      enable_mmu
1:      adr     x20, purgatory_sha_regions
        adr     x21, purgatory_region_digests
        adr     x22, purgatory_region_names
        add     x23, x20, #REGIONS * REGION_SIZE
2:      ldp     x1, x2, [x20]
        cbz     x2, 3f
        add     x26, x26, x2
        adr     x0, digest
        mov     x3, x19
        bl      sha256
        bl      compare
        cbnz    x0, 4f
        add     x20, x20, #REGION_SIZE
        add     x21, x21, #DIGEST_SIZE
        add     x22, x22, #NAME_SIZE
        cmp     x20, x23
        b.ne    2b
3:      cbz     x24, 5f
        bl      disable_mmu
5:      bl      restore_fp
        bl      report_success
        ldp     x29, x30, [sp], #16
        ret

4:      cbz     x24, 6f
        bl      disable_mmu
6:      bl      restore_fp
        bl      report_mismatch
        bl      mismatch                // returns if on_mismatch says to continue
        ldp     x29, x30, [sp], #16
        ret

// Whether the digest is the one at x21, in x0: 0 if it is.
compare:
        adr     x0, digest
        ldp     x1, x2, [x0]
        ldp     x3, x4, [x21]
        eor     x1, x1, x3
        eor     x2, x2, x4
        orr     x1, x1, x2
        ldp     x2, x3, [x0, #16]
        ldp     x4, x5, [x21, #16]
        eor     x2, x2, x4
        eor     x3, x3, x5
        orr     x2, x2, x3
        orr     x0, x1, x2
        ret

// --- The way of hashing

// Returns the function for blocks in x0. Unless it is sha256_blocks_base, SIMD registers are enabled until restore_fp.
choose_sha256:
        str     x28, [sp, #-16]!
        ldr     w1, use_sha2
        cbz     w1, 1f
        adr     x0, sha256_blocks_sha2
        mrs     x1, id_aa64isar0_el1
        ubfx    x1, x1, #ISAR0_SHA2_SHIFT, #4
        cbnz    x1, 2f
1:      adr     x0, sha256_blocks_base
        mrs     x1, id_aa64pfr0_el1
        ubfx    x1, x1, #PFR0_ADVSIMD_SHIFT, #4
        cmp     x1, #PFR0_ADVSIMD_NONE
        b.eq    4f
        adr     x0, sha256_blocks_simd
2:      find_regime x1
        adr     x2, saved_registers
        cbnz    x28, 3f
        mrs     x1, cpacr_el1           // CPTR_EL2 where E2H is set
        str     x1, [x2, #SAVED_FP]
        orr     x1, x1, #CPACR_FPEN
        msr     cpacr_el1, x1
        isb
        b       4f
3:      mrs     x1, cptr_el2
        str     x1, [x2, #SAVED_FP]
        bic     x1, x1, #CPTR_TFP
        msr     cptr_el2, x1
        isb
4:      ldr     x28, [sp], #16
        ret

// Undoes choose_sha256. x19: the function that it returned.
restore_fp:
        str     x28, [sp, #-16]!
        adr     x0, sha256_blocks_base
        cmp     x0, x19
        b.eq    2f
        find_regime x0
        adr     x2, saved_registers
        ldr     x0, [x2, #SAVED_FP]
        cbnz    x28, 1f
        msr     cpacr_el1, x0
        b       2f
1:      msr     cptr_el2, x0
2:      isb
        ldr     x28, [sp], #16
        ret

// --- Messages

announce:
        stp     x29, x30, [sp, #-16]!
        bl      begin_line
        say     "purgatory at EL"
        mrs     x0, CurrentEL
        lsr     x0, x0, #2
        bl      put_decimal
        say     ": verifying by SHA-256, "
        adr     x0, sha256_blocks_sha2
        cmp     x0, x19
        b.ne    1f
        say     "with the CPU's instructions for it"
        b       3f
1:      adr     x0, sha256_blocks_simd
        cmp     x0, x19
        b.ne    2f
        say     "with SIMD instructions"
        b       3f
2:      say     "with base instructions"
3:      cbz     x24, 4f
        say     ", caches on"
        b       5f
4:      say     ", caches off"
5:      bl      end_line
        ldp     x29, x30, [sp], #16
        ret

report_success:
        stp     x29, x30, [sp, #-16]!
        isb
        mrs     x0, cntpct_el0
        sub     x25, x0, x25
        bl      begin_line
        mov     x0, x26
        bl      put_decimal
        say     " bytes verified"
        mrs     x1, cntfrq_el0
        cbz     x1, 1f                  // firmware did not set the counter's frequency
        mov     x2, #MILLISECONDS
        mul     x0, x25, x2
        udiv    x25, x0, x1
        say     ", "
        mov     x0, x25
        bl      put_decimal
        say     " ms"
1:      say     "; entering 0x"
        ldr     x0, kernel_entry
        bl      put_hex
        bl      end_line
        bl      drain_uart
        ldp     x29, x30, [sp], #16
        ret

report_mismatch:
        stp     x29, x30, [sp, #-16]!
        bl      begin_line
        mov     x0, x22
        bl      put_text
        say     " at 0x"
        ldr     x0, [x20]
        bl      put_hex
        say     ", "
        ldr     x0, [x20, #8]
        bl      put_decimal
        say     " bytes, is not what was loaded"
        bl      end_line
        bl      begin_line
        say     "  expected "
        mov     x0, x21
        bl      put_digest
        bl      end_line
        bl      begin_line
        say     "  found    "
        adr     x0, digest
        bl      put_digest
        bl      end_line
        ldp     x29, x30, [sp], #16
        ret

// --- After a mismatch

// Returns only if on_mismatch says to continue.
function mismatch
        stp     x29, x30, [sp, #-16]!
        bl      begin_line
        ldr     w19, on_mismatch
        cmp     w19, #ON_MISMATCH_CONTINUE
        b.eq    3f
        cmp     w19, #ON_MISMATCH_RESET_HVC
        b.eq    1f
        cmp     w19, #ON_MISMATCH_RESET_SMC
        b.eq    1f
        say     "halted"
        b       4f
1:      say     "resetting"
        bl      end_line
        bl      drain_uart
        ldr     w0, =PSCI_SYSTEM_RESET
        cmp     w19, #ON_MISMATCH_RESET_HVC
        b.ne    2f
        hvc     #0
        b       5f
2:      smc     #0
5:      bl      begin_line
        say     "firmware did not reset; halted"
4:      bl      end_line
        bl      drain_uart
6:      wfi
        b       6b

3:      say     "entering it all the same, as asked"
        bl      end_line
        bl      drain_uart
        ldp     x29, x30, [sp], #16
        ret
