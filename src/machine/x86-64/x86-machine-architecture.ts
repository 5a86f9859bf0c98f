import { hex } from '../../base/u64.js';
import { BOOT_PARAMS_AT } from '../../formats/boot-params-fields.js';
import type { MachineArchitecture } from '../architecture.js';
import { describeResetRegister } from './reset-register.js';
import { findX86CrashMemory } from './x86-crash-memory.js';
import { findCrashkernelRules } from './x86-crashkernel-rules.js';
import type { X86Machine } from './x86-machine.js';

/** x86_64's answers about its machines. */
export const X86_MACHINES: MachineArchitecture<X86Machine> = {
  name: 'x86_64',
  bootsWithTree: false,
  readUefiBoot: ({ x86: { bootParams } }) => bootParams && hasEfiSignature(bootParams),
  // arch_ima_efi_boot_mode of arch/x86/include/asm/efi.h.
  imaTakesStubMode: true,
  readStubSecureBoot: ({ x86 }) => x86.bootParams?.[BOOT_PARAMS_AT.secureBoot],
  // A kernel with CONFIG_OF may have one from its boot loader, but hands it on only if a load asks for it.
  readBootTree: () => undefined,
  findBootTreeRange: () => undefined,
  getBootTreeBytes: () => undefined,
  verifierOption: 'KEXEC_BZIMAGE_VERIFY_SIG',
  adoptPlaces: (machine) => machine,
  // The kernel stops the other CPUs by interrupts, and starts them by their APICs: native_stop_other_cpus().
  readCpuStart: ({ possibleCpus }) => ({ possibleCpus, methods: ['apic'], needsFirmware: false }),
  findCrashkernelRules,
  findCrashMemoryRules: findX86CrashMemory,

  describe({ x86 }) {
    const { e820, bootParams, efiHandOver, purgatory, resetRegister } = x86;
    const { fiveLevels, gigabytePages, tdxGuest } = x86;
    return {
      e820: e820 === undefined ? 'unknown' : `${e820.length} entries`,
      bootParams: bootParams === undefined ? 'unknown' : `0x${bootParams.length.toString(16)} bytes`,
      efiHandOver: efiHandOver === undefined ? 'none' : `${efiHandOver.runtimeMap.length} runtime regions`,
      purgatory: purgatory === undefined ? 'unknown' : `${hex(purgatory.memsz)} bytes`,
      resetRegister: resetRegister === undefined ? 'none' : describeResetRegister(resetRegister),
      fiveLevels: fiveLevels ?? 'unknown',
      gigabytePages: gigabytePages ?? 'unknown',
      tdxGuest: tdxGuest ?? 'unknown',
    };
  },
};

/** `efi_loader_signature`: the EFI stub, or the boot loader in its place, sets it; firmware of another kind leaves it 0. */
function hasEfiSignature(bootParams: Uint8Array): boolean {
  const at = BOOT_PARAMS_AT.efiSignature;
  return bootParams.subarray(at, at + 4).some((byte) => byte !== 0);
}
