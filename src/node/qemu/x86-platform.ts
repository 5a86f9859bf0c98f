import { EM_X86_64 } from '../../formats/elf/format.js';
import { hasMagic } from '../../formats/magics.js';
import { hasKernelPurgatory } from '../../machine/architectures.js';
import { buildConsoleParameters, QEMU_BOARDS } from '../../machine/qemu-boards.js';
import { escapeQemuValue } from './qemu-arguments.js';
import type { QemuPlatform } from './qemu-platform.js';
import { decodeX86Loader } from './rehearsal/x86-loader-program.js';

/** QEMU's PCs. Their firmware is SeaBIOS, which QEMU brings along, or UEFI. */
export const X86_PLATFORM: QemuPlatform = {
  architecture: 'x86_64',
  program: 'qemu-system-x86_64',
  package: 'qemu-system-x86',
  cpuHelp: 'qemu-system-x86_64 -cpu help',
  // By a thread for each CPU, QEMU before 8.1 sometimes runs an int3 that the kernel has replaced (jump labels): the kernel
  // panics with "Oops: int3". https://bugzilla.redhat.com/show_bug.cgi?id=2216496
  accelerator: ['-accel', 'tcg,thread=single'],
  elfMachine: EM_X86_64,
  kernel: { kind: 'bzimage', name: 'a bzImage of x86_64' },
  consoleParameters: buildConsoleParameters(QEMU_BOARDS.q35),
  uart: 'a 16550',
  firmware: {
    package: 'ovmf',
    installed: [
      // Debian and Ubuntu, ovmf
      '/usr/share/OVMF/OVMF_CODE_4M.fd',
      // Fedora, edk2-ovmf
      '/usr/share/edk2/ovmf/OVMF_CODE.fd',
      // openSUSE, qemu-ovmf-x86_64
      '/usr/share/qemu/ovmf-x86_64-code.bin',
    ],
    // A flash without a second one for variables, which the firmware then keeps in memory.
    buildArguments: (path) => [
      '-drive',
      `if=pflash,unit=0,format=raw,readonly=on,file=${escapeQemuValue(path)}`,
    ],
  },
  // With CONFIG_EFI_STUB, the boot sector is the header of a PE file: arch/x86/boot/header.S.
  hasEfiStub: (kernel) => hasMagic(kernel, 'mz'),
  // A CPU of x86 starts in real mode, and `-device loader` only sets its program counter. The file has a PVH note.
  buildLoaderArguments: (path) => ['-kernel', path],
  decodeCrashLoader: decodeX86Loader,
  async addKernelFacts(machine, kernel) {
    if (!hasKernelPurgatory(machine)) return machine;
    const { addBootedPurgatory } = await import('../collect/add-purgatory.js');
    return addBootedPurgatory(machine, kernel);
  },
};
