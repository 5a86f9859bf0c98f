import type { CheckTable } from './rule.js';

/** What the next kernel loses of what firmware and the running kernel share. They are notes: the kernel loads it. */
export const FIRMWARE_CHECKS = {
  'efi-runtime': {
    rule: 'the next kernel of a UEFI machine calls EFI runtime services: with EFI variables, it trusts their certificates',
    source: 'efisubsys_init(), load_uefi_certs()',
    errnos: [],
    cure: 'leave noefi and efi=noruntime out of the command line of the next kernel',
  },
  'lpi-tables': {
    rule: "the next kernel finds the tables of the interrupt controller's LPIs reserved, which it keeps writing to",
    source: 'gic_reserve_range(), efi_mem_reserve_persistent(), redist_disable_lpis()',
    errnos: [],
    cure: 'boot by UEFI, whose memory reserve table hands the reservation on, or boot the running kernel with irqchip.gicv3_nolpi=1',
  },
} as const satisfies CheckTable;
