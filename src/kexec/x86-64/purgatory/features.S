# What the CPU offers for SHA-256, and the control registers that allow it: Intel SDM, volume 2A, CPUID; volume 3A,
# "Checking for Intel SSE/SSE2/SSE3/SSSE3/SSE4 Support" and "Detection and Enabling an XSAVE-Managed Feature".

        .equ    WAY_SSE2, 0             # every x86_64 CPU has that
        .equ    WAY_AVX2, 1
        .equ    WAY_SHA, 2
        .equ    WAY_SHA_AVX, 3          # the same by fewer instructions

        .equ    LEAF1_ECX_SSSE3, 9
        .equ    LEAF1_ECX_XSAVE, 26
        .equ    LEAF1_ECX_AVX, 28
        .equ    LEAF7_EBX_AVX2, 5
        .equ    LEAF7_EBX_SHA, 29

        .equ    CR0_MP, 1 << 1
        .equ    CR0_EM_TS, 3 << 2
        .equ    CR4_OSFXSR, 1 << 9
        .equ    CR4_OSXSAVE, 1 << 18
        .equ    XCR0_X87_SSE_AVX, 7

        .text

# Chooses the way of hashing and enables its registers, until disable_simd.
function enable_simd
        push    %rbx
cpuid_access:
        xor     %r8d, %r8d              # leaf 1, ECX
        xor     %r9d, %r9d              # leaf 7, EBX
        xor     %eax, %eax
        cpuid
        cmp     $7, %eax
        jb      cpuid_failed
        mov     $1, %eax
        cpuid
        mov     %ecx, %r8d
        mov     $7, %eax
        xor     %ecx, %ecx
        cpuid
        mov     %ebx, %r9d
cpuid_access_end:
        jmp     1f
cpuid_failed:
        xor     %r8d, %r8d
        xor     %r9d, %r9d
1:      pop     %rbx
        xor     %r10d, %r10d            # whether AVX may be used
        bt      $LEAF1_ECX_XSAVE, %r8d
        jnc     2f
        bt      $LEAF1_ECX_AVX, %r8d
        jnc     2f
        mov     use_avx(%rip), %r10d
2:      mov     $WAY_SSE2, %r11d
        cmpl    $0, use_sha2(%rip)
        je      3f
        bt      $LEAF7_EBX_SHA, %r9d
        jnc     3f
        bt      $LEAF1_ECX_SSSE3, %r8d
        jnc     3f
        mov     $WAY_SHA, %r11d
        test    %r10d, %r10d
        jz      4f
        mov     $WAY_SHA_AVX, %r11d
        jmp     4f
3:      test    %r10d, %r10d
        jz      4f
        bt      $LEAF7_EBX_AVX2, %r9d
        jnc     4f
        mov     $WAY_AVX2, %r11d
4:      mov     %r11d, way(%rip)
        lea     sha256_ways(%rip), %rax
        movslq  (%rax, %r11, 4), %rdx
        add     %rdx, %rax
        mov     %rax, sha256_blocks(%rip)

        mov     %cr0, %rax
        mov     %rax, entry_cr0(%rip)
        and     $~CR0_EM_TS, %rax
        or      $CR0_MP, %rax
        mov     %rax, %cr0
        mov     %cr4, %rax
        mov     %rax, entry_cr4(%rip)
        or      $CR4_OSFXSR, %rax
        call    uses_avx
        jz      5f
        or      $CR4_OSXSAVE, %rax
        mov     %rax, %cr4
        xor     %ecx, %ecx
        xgetbv
        mov     %eax, entry_xcr0(%rip)
        mov     %edx, entry_xcr0 + 4(%rip)
        or      $XCR0_X87_SSE_AVX, %eax
        xsetbv
        vzeroupper
        jmp     6f
5:      mov     %rax, %cr4
6:      movl    $1, simd_is_on(%rip)
        ret

# Sets ZF if not. Keeps rax.
uses_avx:
        testl   $1, way(%rip)           # WAY_AVX2 and WAY_SHA_AVX
        ret

# The control registers have their values of entry again.
function disable_simd
        cmpl    $0, simd_is_on(%rip)
        je      2f
        movl    $0, simd_is_on(%rip)
        call    uses_avx
        jz      1f
        vzeroupper
        xor     %ecx, %ecx
        mov     entry_xcr0(%rip), %eax
        mov     entry_xcr0 + 4(%rip), %edx
        xsetbv
1:      mov     entry_cr4(%rip), %rax
        mov     %rax, %cr4
        mov     entry_cr0(%rip), %rax
        mov     %rax, %cr0
2:      ret
