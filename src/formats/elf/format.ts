/** Constants of the ELF-64 object file format. Sizes are in bytes. */

export const ELF_HEADER_SIZE = 64;
export const PROGRAM_HEADER_SIZE = 56;
export const SECTION_HEADER_SIZE = 64;
export const ELFCLASS64 = 2;
export const ELFDATA2LSB = 1;
export const EV_CURRENT = 1;

/** `e_machine`: AArch64. */
export const EM_AARCH64 = 183;

/** `e_machine`: x86_64. */
export const EM_X86_64 = 62;

/** `e_type`: a relocatable object. */
export const ET_REL = 1;
/** `e_type`: an executable at fixed addresses. */
export const ET_EXEC = 2;
/** `e_type`: a library, or an executable that runs at any address. */
export const ET_DYN = 3;
/** `e_type`: a core dump, or the headers that will describe one. */
export const ET_CORE = 4;

/** `e_phnum`: the number of program headers is in the first section header. */
export const PN_XNUM = 0xffff;

/** `p_type`: a range of memory. */
export const PT_LOAD = 1;
/** `p_type`: notes. */
export const PT_NOTE = 4;
/** `p_flags`: what can be read. */
export const PF_R = 4;
/** `p_flags`: memory that can be read, written and executed. */
export const PF_RWX = 7;
