/** Three Debian systems for a roll-out in waves, and what differs between them. */
import { copyFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { findSystemImage } from '../system/image.js';
import { findDeb } from '../system/packages.js';
import { type DebianSystem, runSystem, type SystemOptions } from '../system/run-system.js';
import type { Controller } from './controller.js';
import { HOST_VARIABLES, PATIENCE, prepareHost } from './host.js';

/** With the kernel, more than half of the RAM of the smallest host. The kernel ignores zeros after an initrd. */
const INITRD_SIZE = 224 * 1024 * 1024;

export type HostName = 'tree' | 'acpi' | 'small';

/** One has a device tree, one UEFI and ACPI, and the smallest refuses the next kernel. */
const SYSTEMS: Record<HostName, SystemOptions> = {
  tree: { name: 'fleet-tree' },
  acpi: { name: 'fleet-acpi', firmware: 'uefi' },
  // With less, Debian's programs are read again and again, for which an emulated CPU takes minutes.
  small: { name: 'fleet-small', memory: '512M' },
};

/** Starts some of the hosts, with the next kernel and its initrd. */
export async function runHosts<Name extends HostName>(
  names: readonly Name[],
): Promise<Record<Name, DebianSystem>> {
  const systems = await Promise.all(names.map(async (name) => [name, await runHost(SYSTEMS[name])]));
  return Object.fromEntries(systems) as Record<Name, DebianSystem>;
}

/**
 * Tells a controller its hosts. The first is the canary, and each is a wave.
 *
 * @param append - further parameters of the next kernel of `acpi`
 */
export function setWaves(
  controller: Controller,
  hosts: Partial<Record<HostName, DebianSystem>>,
  append: readonly string[],
): void {
  const initrd = join(controller.folder, 'initrd');
  copyFileSync(findSystemImage().initrd, initrd);
  truncateSync(initrd, INITRD_SIZE);
  const variables: Record<HostName, object> = {
    tree: {},
    acpi: { kexec_file_append: [...HOST_VARIABLES.kexec_file_append, ...append] },
    small: { kexec_file_refused: 'firmware' },
  };
  const entries = Object.entries(hosts) as [HostName, DebianSystem][];
  controller.setHosts(
    Object.fromEntries(entries.map(([name, system]) => [name, { system, variables: variables[name] }])),
    {
      ...HOST_VARIABLES,
      kexec_file_preflight_kernel: findSystemImage().kernel,
      kexec_file_preflight_initrd: initrd,
      kexec_file_debs: { aarch64: findDeb('kexec-file', 'arm64') },
      kexec_file_waves: [1, 1, 1],
    },
  );
}

/** Asks every host at once. @returns the answer of each */
export async function onEach<Name extends HostName, T>(
  hosts: Readonly<Record<Name, DebianSystem>>,
  ask: (system: DebianSystem) => Promise<T>,
): Promise<Record<Name, T>> {
  const entries = Object.entries<DebianSystem>(hosts).map(async ([name, system]) => [
    name,
    await ask(system),
  ]);
  return Object.fromEntries(await Promise.all(entries)) as Record<Name, T>;
}

export function readBootId(system: DebianSystem): Promise<string> {
  return system.bootId();
}

async function runHost(options: SystemOptions): Promise<DebianSystem> {
  const system = await runSystem({ ...options, cpus: 1, commandLine: PATIENCE });
  await prepareHost(system);
  await system.succeed(`
    cp --remove-destination /boot/initrd.img-$(uname -r) /initrd-next
    truncate -s ${INITRD_SIZE} /initrd-next
    sync`);
  return system;
}
