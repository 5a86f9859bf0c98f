# Verifies the regions, reports the result, and handles a region that is not what was loaded.

        .text

# Returns if every region is what was loaded, or if on_mismatch says to continue.
#
# rbx, r12, r13 the region, its digest, its name; r14 the bytes verified; r15 the regions that are left.
function verify
        call    enable_simd
        call    announce
        lea     purgatory_sha_regions(%rip), %rbx
        lea     purgatory_region_digests(%rip), %r12
        lea     purgatory_region_names(%rip), %r13
        xor     %r14d, %r14d
        mov     $REGIONS, %r15d
1:      mov     8(%rbx), %rsi
        test    %rsi, %rsi
        jz      2f
        add     %rsi, %r14
        mov     (%rbx), %rdi
        call    digest_region
        lea     digest(%rip), %rsi
        mov     %r12, %rdi
        mov     $DIGEST_SIZE / 8, %ecx
        repe cmpsq
        jne     3f
        add     $REGION_SIZE, %rbx
        add     $DIGEST_SIZE, %r12
        add     $NAME_SIZE, %r13
        dec     %r15d
        jnz     1b
2:      call    disable_simd
        jmp     report_success
3:      call    disable_simd
        call    report_mismatch
        jmp     mismatch                # returns if on_mismatch says to continue

# --- Messages

announce:
        call    begin_line
        say     "purgatory: verifying by SHA-256, with "
        mov     way(%rip), %eax
        cmp     $WAY_AVX2, %eax
        ja      2f
        je      1f
        say     "SSE2"
        jmp     end_line
1:      say     "AVX2"
        jmp     end_line
2:      say     "the CPU's instructions for it"
        jmp     end_line

report_success:
        call    begin_line
        mov     %r14, %rdi
        call    put_decimal
        say     " bytes verified; entering 0x"
        mov     kernel_entry(%rip), %rdi
        call    put_hex
        call    end_line
        jmp     drain_uart

report_mismatch:
        call    begin_line
        mov     %r13, %rdi
        call    put_text
        say     " at 0x"
        mov     (%rbx), %rdi
        call    put_hex
        say     ", "
        mov     8(%rbx), %rdi
        call    put_decimal
        say     " bytes, is not what was loaded"
        call    end_line
        call    begin_line
        say     "  expected "
        mov     %r12, %rdi
        call    put_digest
        call    end_line
        call    begin_line
        say     "  found    "
        lea     digest(%rip), %rdi
        call    put_digest
        jmp     end_line

# --- After a mismatch

# Returns only if on_mismatch says to continue.
function mismatch
        call    begin_line
        mov     on_mismatch(%rip), %eax
        cmp     $ON_MISMATCH_CONTINUE, %eax
        je      2f
        cmp     $ON_MISMATCH_RESET, %eax
        je      1f
        say     "halted"
        call    end_line
        call    drain_uart
3:      hlt
        jmp     3b
1:      say     "resetting"
        call    end_line
        call    drain_uart
        jmp     reset_machine
2:      say     "entering it all the same, as asked"
        call    end_line
        jmp     drain_uart
