// Purgatory, whole: what is assembled. Together in one source, so that only what the loader sets has to be relocated.

        .include "common.inc"
        .include "macros.inc"
        .include "regime.inc"
        .include "exceptions.S"
        .include "entry.S"
        .include "verify.S"
        .include "serial.S"
        .include "mmu.S"
        .include "sha256.S"
        .include "parameters.S"
        .include "scratch.S"
