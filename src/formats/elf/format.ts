/** Numbers of the ELF-64 object file format that both the reader and the writer use. */

export const ELF_HEADER_SIZE = 64;
export const ELFCLASS64 = 2;
export const ELFDATA2LSB = 1;
export const EV_CURRENT = 1;

/** `e_machine`: AArch64. */
export const EM_AARCH64 = 183;

/** `e_type`: a relocatable object. */
export const ET_REL = 1;
/** `e_type`: an executable at fixed addresses. */
export const ET_EXEC = 2;
