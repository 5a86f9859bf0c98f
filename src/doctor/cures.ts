import type { Check } from '../base/checks.js';

/** What to do about a check that refuses a load. What has no line here says in its rule all that there is to say. */
export const CURES: Partial<Record<Check, string>> = {
  'file-size': 'give the whole file; an empty one is often a download or a build that failed',
  'image-header': 'give the whole file',
  'image-magic':
    'take an arm64 kernel: arch/arm64/boot/Image or vmlinuz.efi of a build, or /boot/vmlinuz-* of a distribution',
  'kernel-file': 'take the arm64 Image itself: arch/arm64/boot/Image of the same build',
  'compressed-data': 'the file is cut short or damaged: fetch it again',
  zboot: 'the file is cut short or damaged: fetch it again',
  uki: 'build it again (ukify build), with one .linux section',
  uimage:
    'the file is cut short, damaged, or for another machine: build it again (mkimage -A arm64 -T kernel)',
  fit: 'the file is cut short, damaged, or for another machine: build it again (mkimage -f)',
  vmlinux: 'take arch/arm64/boot/Image of the same build',
  'image-size': 'take a kernel from 3.17 on',
  'image-endianness': 'take a little-endian kernel, or a machine whose CPUs run both byte orders',
  'image-granule':
    'take a kernel with pages that the CPUs have (CONFIG_ARM64_4K_PAGES, _16K_PAGES or _64K_PAGES)',
  'pe-header': 'the file is cut short or damaged: fetch it again',
  'pe-section': 'the file is cut short or damaged: fetch it again',
  'pe-directory': 'the file is cut short or damaged: fetch it again',
  'pe-certificates': 'the signature is cut short or damaged: fetch the file again, or sign it again',
  'command-line': 'shorten it to 2047 bytes',
  'crash-region': 'reserve memory: crashkernel= on the running command line, and boot again',
  elfcorehdr:
    'record the machine as root, or load with --syscall file where the kernel has CONFIG_KEXEC_FILE',
  'segment-hole':
    'make the initrd smaller, or free memory: for a crash kernel with a larger crashkernel=, else by fewer reservations (crashkernel=, cma=, hugepages=, reserved-memory)',
  'segment-total': 'make the initrd smaller: kernel and initrd may take half of the RAM',
  'dtb-size': 'take overlays out of the device tree',
  'dtb-header': 'record the device tree again: /sys/firmware/fdt',
  'dtb-structure': 'record the device tree again: /sys/firmware/fdt',
};
