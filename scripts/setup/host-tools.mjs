import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { say } from './files.mjs';

/** Debian packages of this machine's architecture; a program or file by which each is recognised; and what needs it. */
const HOST_PACKAGES = [
  { name: 'qemu-system-arm', program: 'qemu-system-aarch64', purposes: ['demo', 'test', 'system', 'fleet'] },
  { name: 'qemu-system-x86', program: 'qemu-system-x86_64', purposes: ['demo-x86_64', 'test', 'system'] },
  { name: 'ovmf', files: ['/usr/share/OVMF/OVMF_CODE_4M.fd'], purposes: ['test'] },
  {
    // Contains the ROM of QEMU's default network card, without which QEMU does not start.
    name: 'ipxe-qemu',
    files: [
      '/usr/lib/ipxe/qemu/efi-virtio.rom',
      '/usr/share/qemu/efi-virtio.rom',
      '/usr/local/share/qemu/efi-virtio.rom',
    ],
    purposes: ['demo', 'test'],
  },
  // Its folder is only in root's PATH.
  { name: 'e2fsprogs', files: ['/sbin/mke2fs', '/usr/sbin/mke2fs'], purposes: ['test', 'system', 'fleet'] },
  { name: 'qemu-user', program: 'qemu-aarch64', purposes: ['test', 'executable'] },
  { name: 'gdb-multiarch', program: 'gdb-multiarch', purposes: ['test'] },
  { name: 'util-linux', program: 'setpriv', purposes: ['test', 'system', 'fleet'] },
  { name: 'mmdebstrap', program: 'mmdebstrap', purposes: ['system', 'fleet'] },
  { name: 'qemu-user-static', program: 'qemu-aarch64-static', purposes: ['system', 'fleet'] },
  { name: 'arch-test', program: 'arch-test', purposes: ['system', 'fleet'] },
  { name: 'fakeroot', program: 'fakeroot', purposes: ['system', 'fleet'] },
  {
    name: 'debian-archive-keyring',
    files: ['/usr/share/keyrings/debian-archive-keyring.gpg'],
    purposes: ['test', 'system', 'fleet', 'fuzz'],
  },
  {
    name: 'qemu-efi-aarch64',
    files: ['/usr/share/qemu-efi-aarch64/QEMU_EFI.fd'],
    purposes: ['test', 'system', 'fleet'],
  },
  { name: 'openssh-client', program: 'ssh', purposes: ['system', 'fleet'] },
  { name: 'device-tree-compiler', program: 'dtc', purposes: ['test'] },
  { name: 'binutils-aarch64-linux-gnu', program: 'aarch64-linux-gnu-as', purposes: ['test', 'executable'] },
  { name: 'binutils-x86-64-linux-gnu', program: 'x86_64-linux-gnu-strip', purposes: ['test', 'executable'] },
  { name: 'cpio', program: 'cpio', purposes: ['test'] },
  { name: 'file', program: 'file', purposes: ['test'] },
  { name: 'openssl', program: 'openssl', purposes: ['test'] },
  { name: 'sbsigntool', program: 'sbverify', purposes: ['test'] },
  { name: 'osslsigncode', program: 'osslsigncode', purposes: ['test'] },
  { name: 'pesign', program: 'pesign', purposes: ['test'] },
  { name: 'libnss3-tools', program: 'pk12util', purposes: ['test'] },
  { name: 'efitools', program: 'cert-to-efi-sig-list', purposes: ['test'] },
  { name: 'ima-evm-utils', program: 'evmctl', purposes: ['test'] },
  { name: 'softhsm2', program: 'softhsm2-util', purposes: ['test'] },
  { name: 'p11-kit', program: 'p11-kit', purposes: ['test'] },
  { name: 'u-boot-tools', program: 'mkimage', purposes: ['test'] },
  { name: 'libxml2-utils', program: 'xmllint', purposes: ['test'] },
  { name: 'fish', program: 'fish', purposes: ['test'] },
  { name: 'zsh', program: 'zsh', purposes: ['test'] },
  {
    name: 'bash-completion',
    files: ['/usr/share/bash-completion/bash_completion'],
    purposes: ['test'],
  },
  { name: 'man-db', program: 'man', purposes: ['test'] },
  { name: 'mandoc', program: 'mandoc', purposes: ['test'] },
  // Programs with which packages are checked and packed, and what they run.
  { name: 'lintian', program: 'lintian', purposes: ['test'] },
  { name: 'init-system-helpers', program: 'deb-systemd-helper', purposes: ['test'] },
  { name: 'chromium', program: 'chromium', purposes: ['test'] },
  { name: 'firefox-esr', program: 'firefox-esr', purposes: ['test'] },
  // Programs that read images for containers.
  { name: 'skopeo', program: 'skopeo', purposes: ['test'] },
  { name: 'umoci', program: 'umoci', purposes: ['test'] },
  ...['gzip', 'zstd', 'lz4', 'bzip2', 'lzop'].map((name) => ({ name, program: name, purposes: ['test'] })),
  { name: 'ansible-core', program: 'ansible-playbook', purposes: ['fleet'] },
  { name: 'ansible-lint', program: 'ansible-lint', purposes: ['fleet'] },
  { name: 'yamllint', program: 'yamllint', purposes: ['fleet'] },
  { name: 'pycodestyle', program: 'pycodestyle', purposes: ['fleet'] },
  { name: 'xz-utils', program: 'xz', purposes: ['test', 'executable'] },
];

/** Options of apt-get: wait up to 300 s for other users of dpkg, and print no progress bars. */
const OPTIONS = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0'];

/**
 * Installs the programs for a purpose on this machine: by apt, as root or by sudo without a password.
 *
 * @returns the packages that are still missing and how to install them; undefined if none are
 */
export function ensureHostTools(purpose) {
  const missing = listMissingPackages(purpose);
  if (missing.length === 0) return undefined;

  const asRoot = findRootCommand();
  if (asRoot !== undefined && findProgram('apt-get')) {
    say(`installing ${missing.join(' ')}`);
    const install = () => runAptGet(asRoot, ['install', '-y', '--no-install-recommends', ...missing]);
    if (!install()) {
      say("refreshing this machine's package lists");
      runAptGet(asRoot, ['update']);
      install();
    }
  }

  const left = listMissingPackages(purpose);
  if (left.length === 0) return undefined;
  return `this machine lacks ${left.join(', ')}; as root: apt-get install --no-install-recommends ${left.join(' ')}`;
}

function listMissingPackages(purpose) {
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

/** The prefix for a command that needs root; undefined if there is none. */
function findRootCommand() {
  if (process.getuid() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

function runAptGet(asRoot, args) {
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
