import { attempt, refuse } from '../base/error.js';
import { buildReusedCommandLine } from '../machine/command-line.js';
import type { BootEntry, BootMenu, ListedEntry } from './boot-entry.js';
import { compareVersions } from './compare-versions.js';
import { checkEntryCount, type EntryFiles } from './entry-files.js';
import { joinPath } from './mounts.js';

/** The command line for kernels that are installed: kernel-install(8). The second comes with the system. */
const COMMAND_LINES = ['/etc/kernel/cmdline', '/usr/lib/kernel/cmdline'] as const;

/** What a kernel in /boot is called before its release: Debian and Fedora, Arch, other builds. */
const KERNEL_NAME = /^(?:vmlinuz|vmlinux|Image|kernel)-(.+)$/;

const MODULES = '/usr/lib/modules';

/** An installed kernel. */
interface InstalledKernel {
  readonly release: string;
  readonly kernel: string;
}

/**
 * Finds the installed kernels, which all start with the command line in /etc/kernel/cmdline; the default is the newest.
 *
 * @returns undefined if there is no such command line, or no kernel
 */
export function findInstalledKernels(files: EntryFiles): BootMenu | undefined {
  for (const path of COMMAND_LINES) {
    const text = files.readText(path);
    if (text === undefined) continue;
    const commandLine = text
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .join(' ')
      .trim();
    const entries = listKernels(files).map(({ release, kernel }): ListedEntry => {
      const starts: BootEntry = { kernel, initrds: listInitrds(files, release), commandLine };
      return {
        id: release,
        aliases: [kernel],
        title: `Linux ${release}`,
        version: release,
        source: path,
        starts,
      };
    });
    const [entry] = entries;
    if (entry === undefined) return undefined;
    const reason = `the newest kernel, with the command line of ${path}`;
    return { loader: '/etc/kernel/cmdline', entries, default: { entry, reason } };
  }
  return undefined;
}

/** The installed kernels, the newest release first. Of a release that lies in two places, that in /boot counts. */
function listKernels(files: EntryFiles): InstalledKernel[] {
  const found = new Map<string, InstalledKernel>();
  for (const name of files.listFolder('/boot')) {
    const release = KERNEL_NAME.exec(name)?.[1];
    const kernel = joinPath('/boot', name);
    if (release === undefined || /\.(old|bak|dpkg-\w+|efi|sig)$/.test(release) || !files.isFile(kernel))
      continue;
    if (!found.has(release)) found.set(release, { release, kernel });
  }
  for (const release of files.listFolder(MODULES)) {
    const kernel = joinPath(MODULES, `${release}/vmlinuz`);
    if (!found.has(release) && files.isFile(kernel)) found.set(release, { release, kernel });
  }
  checkEntryCount(found.size, '/boot');
  return [...found.values()].toSorted((a, b) => compareVersions(b.release, a.release));
}

/** The initrd of a release, as Debian, Fedora, SUSE and Arch name it, or next to its modules. */
export function listInitrds(files: EntryFiles, release: string): string[] {
  const found = [
    `/boot/initrd.img-${release}`,
    `/boot/initramfs-${release}.img`,
    `/boot/initrd-${release}`,
    joinPath(MODULES, `${release}/initrd`),
    joinPath(MODULES, `${release}/initrd.img`),
  ].find((path) => files.isFile(path));
  return found === undefined ? [] : [found];
}

/** Links to the newest kernel: linux-base of Debian, older Debian and Ubuntu, Armbian. */
const LINKS = [
  { kernel: '/vmlinuz', initrd: '/initrd.img' },
  { kernel: '/boot/vmlinuz', initrd: '/boot/initrd.img' },
  { kernel: '/boot/Image', initrd: undefined },
] as const;

/**
 * Finds the kernel that the links of a distribution lead to, for a machine without any other configuration. It starts
 * with the running kernel's command line.
 *
 * @returns undefined if there are no links
 */
export function findLinks(files: EntryFiles, running: string | undefined): BootMenu | undefined {
  const link = LINKS.find(({ kernel }) => files.isFile(kernel));
  if (link === undefined) return undefined;
  const kernel = files.followLink(link.kernel);
  const release = KERNEL_NAME.exec(kernel.replace(/^.*\//, ''))?.[1] ?? releaseOfModules(kernel);
  const starts = attempt((): BootEntry => {
    if (running === undefined) {
      return refuse(
        'boot-entry-form',
        'EINVAL',
        'the running command line cannot be read, and no file has another',
        {
          cure: 'write the command line into /etc/kernel/cmdline, or give it with --command-line',
        },
      );
    }
    const linked =
      link.initrd !== undefined && files.isFile(link.initrd) ? [files.followLink(link.initrd)] : undefined;
    const initrds = linked ?? (release === undefined ? [] : listInitrds(files, release));
    return { kernel, initrds, commandLine: buildReusedCommandLine(running, { panic: false }) };
  });
  const entry = { id: link.kernel, aliases: [kernel], version: release, source: link.kernel, starts };
  const reason = `no boot loader's configuration was found, so the kernel is the one that ${link.kernel} leads to, with the running command line`;
  return { loader: 'links', entries: [entry], default: { entry, reason } };
}

function releaseOfModules(kernel: string): string | undefined {
  return /^\/(?:usr\/)?lib\/modules\/([^/]+)\/vmlinuz$/.exec(kernel)?.[1];
}
