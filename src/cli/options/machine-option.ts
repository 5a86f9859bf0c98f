/** The machine to plan for if none is named. */
export const DEFAULT_MACHINE = 'qemu-virt';
