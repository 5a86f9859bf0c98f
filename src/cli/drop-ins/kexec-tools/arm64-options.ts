import { type ArchitectureOptions, alwaysDone, refused, XEN_OPTIONS } from './kexec-option.js';

/** The options that kexec-tools has on arm64 alone, or means otherwise there. */
export const ARM64_OPTIONS: ArchitectureOptions = {
  files: [
    {
      id: 'dtb',
      names: ['dtb'],
      argument: 'FILE',
      help: "a board's device tree; the running one adds what it lacks",
      isForLoads: true,
    },
  ],
  handOver: [alwaysDone('force-dtb', 'pass the device tree; on arm64 it always is')],
  refused: [
    refused('load-preserve-context', 'no arm64 kernel can return to the one before it (CONFIG_KEXEC_JUMP)'),
    refused('load-jump-back-helper', 'no arm64 kernel can return to the one before it (CONFIG_KEXEC_JUMP)'),
    ...XEN_OPTIONS,
    refused('hotplug', 'no arm64 kernel updates a loaded crash kernel (CONFIG_CRASH_HOTPLUG)'),
    refused('serial', 'purgatory uses the port of stdout-path by itself', 'NAME'),
  ],
};
