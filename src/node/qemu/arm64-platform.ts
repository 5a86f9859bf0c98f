import { parseImageHeader } from '../../formats/arm64-image.js';
import { EM_AARCH64 } from '../../formats/elf/format.js';
import { buildConsoleParameters, QEMU_BOARDS } from '../../machine/qemu-boards.js';
import { escapeQemuValue } from './qemu-arguments.js';
import type { QemuPlatform } from './qemu-platform.js';
import { decodeArm64Loader } from './rehearsal/arm64-loader-program.js';

/** QEMU's board virt. */
export const ARM64_PLATFORM: QemuPlatform = {
  architecture: 'arm64',
  program: 'qemu-system-aarch64',
  package: 'qemu-system-arm',
  cpuHelp: 'qemu-system-aarch64 -M virt -cpu help',
  accelerator: [],
  elfMachine: EM_AARCH64,
  kernel: { kind: 'image', name: 'an Image of arm64' },
  consoleParameters: buildConsoleParameters(QEMU_BOARDS.virt),
  uart: 'a PL011',
  firmware: {
    package: 'qemu-efi-aarch64',
    installed: [
      // Debian and Ubuntu, qemu-efi-aarch64
      '/usr/share/qemu-efi-aarch64/QEMU_EFI.fd',
      // Fedora, edk2-aarch64
      '/usr/share/edk2/aarch64/QEMU_EFI.fd',
      // openSUSE, qemu-uefi-aarch64
      '/usr/share/qemu/qemu-uefi-aarch64.bin',
    ],
    buildArguments: (path) => ['-bios', path],
  },
  hasEfiStub: (kernel) => parseImageHeader(kernel).hasEfiStub,
  buildLoaderArguments: (path) => ['-device', `loader,file=${escapeQemuValue(path)},cpu-num=0`],
  decodeCrashLoader: decodeArm64Loader,
  addKernelFacts: async (machine) => machine,
};
