import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { say } from './files.mjs';

/** Debian packages of this machine's own architecture, how to tell that each is there, and what needs it. */
const HOST_PACKAGES = [
  { name: 'qemu-system-arm', program: 'qemu-system-aarch64', purposes: ['demo', 'test'] },
  {
    // The ROM of QEMU's default network card, without which it does not start.
    name: 'ipxe-qemu',
    files: [
      '/usr/lib/ipxe/qemu/efi-virtio.rom',
      '/usr/share/qemu/efi-virtio.rom',
      '/usr/local/share/qemu/efi-virtio.rom',
    ],
    purposes: ['demo', 'test'],
  },
  // Where it is, only root has in PATH.
  { name: 'e2fsprogs', files: ['/sbin/mke2fs', '/usr/sbin/mke2fs'], purposes: ['test'] },
  { name: 'qemu-user', program: 'qemu-aarch64', purposes: ['test'] },
  { name: 'gdb-multiarch', program: 'gdb-multiarch', purposes: ['test'] },
  { name: 'util-linux', program: 'setpriv', purposes: ['test'] },
  { name: 'device-tree-compiler', program: 'dtc', purposes: ['test'] },
  { name: 'binutils-aarch64-linux-gnu', program: 'aarch64-linux-gnu-as', purposes: ['test'] },
  { name: 'cpio', program: 'cpio', purposes: ['test'] },
  { name: 'file', program: 'file', purposes: ['test'] },
  { name: 'openssl', program: 'openssl', purposes: ['test'] },
  { name: 'sbsigntool', program: 'sbverify', purposes: ['test'] },
  { name: 'osslsigncode', program: 'osslsigncode', purposes: ['test'] },
  { name: 'pesign', program: 'pesign', purposes: ['test'] },
  { name: 'libnss3-tools', program: 'pk12util', purposes: ['test'] },
  { name: 'efitools', program: 'cert-to-efi-sig-list', purposes: ['test'] },
  { name: 'ima-evm-utils', program: 'evmctl', purposes: ['test'] },
  { name: 'u-boot-tools', program: 'mkimage', purposes: ['test'] },
  { name: 'chromium', program: 'chromium', purposes: ['test'] },
  ...['gzip', 'zstd', 'lz4', 'bzip2', 'lzop'].map((name) => ({ name, program: name, purposes: ['test'] })),
  { name: 'xz-utils', program: 'xz', purposes: ['test'] },
];

/** Options of apt-get: other users of dpkg are waited for (seconds), and progress bars are not for a log. */
const OPTIONS = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0'];

/**
 * Sees to it that this machine has the programs for a purpose: by apt, as root or with a sudo that asks nothing.
 *
 * @returns what is still missing and what to do about it, in words; undefined if nothing is.
 */
export function ensureHostTools(purpose) {
  const missing = missingPackages(purpose);
  if (missing.length === 0) return undefined;

  const asRoot = rootCommand();
  if (asRoot !== undefined && findProgram('apt-get')) {
    say(`installing ${missing.join(' ')}`);
    const installed = () => aptGet(asRoot, ['install', '-y', '--no-install-recommends', ...missing]);
    if (!installed()) {
      say("refreshing this machine's package lists");
      aptGet(asRoot, ['update']);
      installed();
    }
  }

  const left = missingPackages(purpose);
  if (left.length === 0) return undefined;
  return `this machine lacks ${left.join(', ')}; as root: apt-get install --no-install-recommends ${left.join(' ')}`;
}

function missingPackages(purpose) {
  return HOST_PACKAGES.filter(({ purposes }) => purposes.includes(purpose))
    .filter(({ program, files }) => (program ? !findProgram(program) : !files.some(existsSync)))
    .map(({ name }) => name);
}

function findProgram(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What to put before a command that needs root; undefined if there is no way. */
function rootCommand() {
  if (process.getuid() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

function aptGet(asRoot, args) {
  const [program, ...rest] = [
    ...asRoot,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    ...OPTIONS,
    ...args,
  ];
  return spawnSync(program, rest, { stdio: ['ignore', 2, 2] }).status === 0;
}
