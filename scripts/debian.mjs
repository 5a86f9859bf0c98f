/** Debian's packages for the demo, the tests and their guests, unpacked in a cache: arm64's, unless a key names another. */

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { findMirror } from './debian-system/mirror.mjs';
import { cachePath, keepPackage, packageFolder, workInCache } from './setup/cache.mjs';
import { say } from './setup/files.mjs';
import { PrivateApt } from './setup/private-apt.mjs';

/**
 * Packages in the guests of the tests, besides a kernel: Node's libraries, kexec-tools, and kdump-tools with its
 * programs.
 */
const GUEST_LIBRARIES = ['libc6', 'libstdc++6', 'libgcc-s1'];
const GUEST_PROGRAMS = ['kexec-tools', 'kdump-tools', 'sysvinit-utils', 'file', 'strace'];
const GUEST_PACKAGES = [...GUEST_LIBRARIES, ...GUEST_PROGRAMS];

/**
 * The packages that Node needs, by the name that Node has for the CPU.
 *
 * @returns keys of PACKAGES
 */
export function listNodeLibraries(cpu) {
  return GUEST_LIBRARIES.map((name) => (cpu === 'arm64' ? name : `${name}:amd64`));
}

/** The libraries that the fuzzer's binary needs, where this machine's are older: keys of PACKAGES. */
export const FUZZER_LIBRARIES = GUEST_LIBRARIES.map((name) => `${name}:trixie`);

/** Other programs that read and write dumps. They run under qemu-user, with the libraries above. */
const DUMP_PROGRAMS = ['makedumpfile', 'crash'];

/** Debian's name of this machine's architecture. */
const HOST_ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64';

/**
 * All packages, by key: the package of that `name`, or the newest whose name matches `fitting`. Versions change, and
 * other Debian releases have other versions: if no name matches, the package that `metapackage` depends on.
 *
 * `isWhole`: the folder contains everything, the package's licence too, which may be in another package.
 * `withLibraries`: the folder also contains the libraries that the package depends on, whose names depend on the
 * release. `withModules`: it also contains the modules that a capture kernel needs for a 9p share or a disk.
 * `suite`: it comes from this suite of Debian, whatever release this machine has.
 */
const PACKAGES = {
  'standard-6.1': {
    fitting: /^linux-image-6\.1\.0-\d+-arm64$/,
    metapackage: 'linux-image-arm64',
    withModules: true,
  },
  'cloud-6.1': { fitting: /^linux-image-6\.1\.0-\d+-cloud-arm64$/, metapackage: 'linux-image-cloud-arm64' },
  'cloud-6.12': { fitting: /^linux-image-6\.12\.[^-]+-cloud-arm64$/, metapackage: 'linux-image-cloud-arm64' },
  'cloud-6.1:amd64': {
    fitting: /^linux-image-6\.1\.0-\d+-cloud-amd64$/,
    metapackage: 'linux-image-cloud-amd64',
    architecture: 'amd64',
  },
  'cloud-6.12:amd64': {
    fitting: /^linux-image-6\.12\.[^-]+-cloud-amd64$/,
    metapackage: 'linux-image-cloud-amd64',
    architecture: 'amd64',
  },
  'oracle-6.12:amd64': {
    fitting: /^linux-image-6\.12\.[^-]+-cloud-amd64$/,
    architecture: 'amd64',
    suite: 'trixie',
  },
  // Since 7.3, this package has the kernel; linux-image-* depends on it.
  'oracle-7.3:amd64': {
    fitting: /^linux-binary-7\.3\.[^-]+-cloud-amd64$/,
    architecture: 'amd64',
    suite: 'trixie-backports',
  },
  // QEMU emulates the SHA instructions of x86_64 since 8.2. For machines whose CPU has none; linked statically.
  'qemu-user:trixie': { name: 'qemu-user', architecture: HOST_ARCHITECTURE, suite: 'trixie' },
  ...Object.fromEntries(
    GUEST_LIBRARIES.map((name) => [
      `${name}:trixie`,
      { name, architecture: HOST_ARCHITECTURE, suite: 'trixie' },
    ]),
  ),
  // It knows zstd, which that of Debian 12 does not. For benches, with the C library of its release.
  'makedumpfile:trixie': {
    name: 'makedumpfile',
    architecture: HOST_ARCHITECTURE,
    suite: 'trixie',
    withLibraries: true,
  },
  ...named([
    'busybox-static',
    'shim-signed',
    'grub-efi-arm64-signed',
    'systemd-boot-efi',
    ...GUEST_LIBRARIES,
  ]),
  'shim-signed:amd64': { name: 'shim-signed', architecture: 'amd64' },
  'grub-efi-amd64-signed': { name: 'grub-efi-amd64-signed', architecture: 'amd64' },
  ...Object.fromEntries(GUEST_LIBRARIES.map((name) => [`${name}:amd64`, { name, architecture: 'amd64' }])),
  ...named([...GUEST_PROGRAMS, ...DUMP_PROGRAMS], { withLibraries: true }),
  ...Object.fromEntries(
    [...GUEST_PROGRAMS, 'makedumpfile'].map((name) => [
      `${name}:amd64`,
      { name, architecture: 'amd64', withLibraries: true },
    ]),
  ),
  ...Object.fromEntries(['amd64', 'arm64'].flatMap(listImageEntries)),
};

function listImageEntries(architecture) {
  return [...GUEST_LIBRARIES, 'base-files', 'busybox-static'].map((name) => [
    `image-${name}:${architecture}`,
    { name, architecture, isWhole: true },
  ]);
}

/**
 * The packages that the image for pipelines takes files from.
 *
 * @param architecture - Debian's name of it
 * @returns keys of PACKAGES
 */
export function listImagePackages(architecture) {
  return listImageEntries(architecture).map(([key]) => key);
}

/** The kernels of the tests: keys of PACKAGES. */
export const TEST_KERNELS = {
  arm64: ['standard-6.1', 'cloud-6.1', 'cloud-6.12'],
  x86_64: ['cloud-6.1:amd64', 'cloud-6.12:amd64'],
};

/** The kernels for x86_64 that `npm run conformance` asks, by their releases: keys of PACKAGES. */
export const ORACLE_KERNELS = { 6.12: 'oracle-6.12:amd64', 7.3: 'oracle-7.3:amd64' };

/** The packages for each purpose. */
export const PACKAGE_SETS = {
  demo: ['cloud-6.12', 'busybox-static'],
  'demo-x86_64': ['cloud-6.12:amd64', 'image-busybox-static:amd64'],
  test: [
    ...[...Object.values(TEST_KERNELS).flat(), ...Object.values(ORACLE_KERNELS)],
    ...['busybox-static', 'shim-signed', 'systemd-boot-efi', ...GUEST_PACKAGES, ...DUMP_PROGRAMS],
    ...GUEST_PROGRAMS.map((name) => `${name}:amd64`),
    ...['makedumpfile:amd64', 'shim-signed:amd64', 'grub-efi-amd64-signed'],
    'qemu-user:trixie',
    ...['amd64', 'arm64'].flatMap(listImagePackages),
  ],
  system: ['shim-signed', 'grub-efi-arm64-signed'],
  fuzz: FUZZER_LIBRARIES,
  fleet: ['shim-signed', 'grub-efi-arm64-signed'],
};

/** Not unpacked: modules (see `withModules`) and documents. */
const MODULE_FOLDERS = ['./lib/modules', './usr/lib/modules'];
const LEFT_OUT = [
  ...MODULE_FOLDERS,
  ...['doc', 'lintian', 'locale', 'man'].map((name) => `./usr/share/${name}`),
];

/** A kernel among the modules. */
const KERNEL = /^\.\/usr\/lib\/modules\/[^/]+\/vmlinuz$/;

/** The end of the name of a folder in the cache that contains modules. */
const WITH_MODULES = '+modules';

/** The modules for 9p shares and disks, and those that they depend on. */
const MODULES =
  /\/modules\/[^/]+\/(modules\.builtin|kernel\/(fs\/(9p|fscache|netfs)|net\/9p|drivers\/(virtio|nvme\/host)|block|(lib|crypto)\/crc[^/]*)(\/.*)?)$/;

/** The folder a package is unpacked in; undefined if it is not in the cache. @param key - one of PACKAGES */
export function debianPackage(key) {
  try {
    const folder = packageFolder(basename(readlinkSync(cachePath('wanted', key))));
    // An older checkout may have unpacked the package without modules.
    const isComplete = !PACKAGES[key].withModules || folder.endsWith(WITH_MODULES);
    return isComplete && existsSync(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** The kernel's file in a package: an Image or a bzImage; undefined if the package is not in the cache. */
export function debianKernel(key) {
  const folder = debianPackage(key);
  if (folder === undefined) return undefined;
  const files = readdirSync(folder, { recursive: true });
  const name = files.find((file) => /^boot\/vmlinuz-|^usr\/lib\/modules\/[^/]+\/vmlinuz$/.test(file));
  return join(folder, name);
}

/** Busybox, linked statically; undefined if it is not in the cache. @param architecture - `arm64` or `x86_64` */
export function debianBusybox(architecture = 'arm64') {
  const folder = debianPackage(architecture === 'arm64' ? 'busybox-static' : 'image-busybox-static:amd64');
  if (folder === undefined) return undefined;
  return ['bin/busybox', 'usr/bin/busybox'].map((path) => join(folder, path)).find(existsSync);
}

/** Shim, which has Microsoft's signature and contains Debian's CA; undefined if it is not in the cache. */
export function debianShim() {
  const folder = debianPackage('shim-signed');
  return folder === undefined ? undefined : join(folder, 'usr/lib/shim/shimaa64.efi.signed');
}

/** GRUB, which has Debian's signature and which shim starts; undefined if it is not in the cache. */
export function debianGrub() {
  const folder = debianPackage('grub-efi-arm64-signed');
  return folder === undefined ? undefined : join(folder, 'usr/lib/grub/arm64-efi-signed/grubaa64.efi.signed');
}

/** systemd's stub, with which unified kernel images begin; undefined if it is not in the cache. */
export function debianStub() {
  const folder = debianPackage('systemd-boot-efi');
  return folder === undefined ? undefined : join(folder, 'usr/lib/systemd/boot/efi/linuxaa64.efi.stub');
}

/**
 * Downloads and unpacks the packages that are not in the cache. Needs no network if all of them are.
 *
 * @throws Error if a package is unavailable, with its key and the output of apt
 */
export function fetchDebianPackages(keys) {
  const missing = keys.filter((key) => debianPackage(key) === undefined);
  if (missing.length === 0) return;

  const sourceOf = (key) => `${architectureOf(key)} ${PACKAGES[key].suite ?? ''}`;
  for (const source of new Set(missing.map(sourceOf))) {
    const keys = missing.filter((key) => sourceOf(key) === source);
    fetchMissing(keys, architectureOf(keys[0]), PACKAGES[keys[0]].suite);
  }
}

function architectureOf(key) {
  return PACKAGES[key].architecture ?? 'arm64';
}

function fetchMissing(keys, architecture, suite) {
  workInCache((work) => {
    const source = suite && { mirror: findMirror(suite, work), suite };
    const apt = new PrivateApt(work, architecture, source);
    say(`fetching package lists for ${architecture}${suite ? ` of ${suite}` : ''}`);
    const warnings = apt.update();
    for (const key of keys) {
      const wanted = PACKAGES[key];
      const name = resolveName(apt, wanted);
      if (name === undefined) {
        const place = suite ? `Debian's ${suite}` : "this machine's apt sources";
        throw new Error(`no ${architecture} package in ${place} for ${key}\n${warnings}`);
      }
      linkPackage(key, fetchPackage(apt, name, wanted, work));
    }
  });
}

function named(names, how = {}) {
  return Object.fromEntries(names.map((name) => [name, { name, ...how }]));
}

function resolveName(apt, { name, fitting, metapackage }) {
  if (name !== undefined) return apt.show(name) && name;
  const candidates = apt.names().filter((candidate) => fitting.test(candidate));
  const newest = candidates.sort(new Intl.Collator('en', { numeric: true }).compare).at(-1);
  if (newest !== undefined || metapackage === undefined) return newest;
  return apt.show(metapackage)?.Depends?.match(/linux-image-[^ ,|]+/)?.[0];
}

/** The libraries that a package depends on, directly or indirectly, except for those of the C library. */
function listLibraries(apt, name, found = new Set(GUEST_LIBRARIES)) {
  const { Depends: depends = '', 'Pre-Depends': before = '' } = apt.show(name) ?? {};
  const names = `${before}, ${depends}`.split(',').map((choice) => choice.trim().match(/^[^ :]*/)[0]);
  const libraries = names.filter((library) => /^z?lib/.test(library) && !found.has(library));
  for (const library of libraries) found.add(library);
  return libraries.flatMap((library) => [library, ...listLibraries(apt, library, found)]);
}

/**
 * Downloads and unpacks a package, and its libraries if wanted.
 *
 * @returns its folder, which each version has for itself
 */
function fetchPackage(apt, name, wanted, work) {
  const { Version: version } = apt.show(name);
  const libraries = wanted.withLibraries ? listLibraries(apt, name) : [];
  const additions = [
    ...(wanted.architecture === undefined ? [] : [`+${wanted.architecture}`]),
    ...(wanted.isWhole ? ['+whole'] : []),
    ...(libraries.length > 0 ? ['+libraries'] : []),
    ...(wanted.withModules ? [WITH_MODULES] : []),
  ].join('');
  const nameInCache = `${name}_${version.replace(':', '%3a')}${additions}`;
  if (existsSync(packageFolder(nameInCache))) return packageFolder(nameInCache);

  const unpacked = mkdtempSync(join(work, 'unpacked-'));
  const parts = [name, ...libraries];
  // The list grows.
  for (const part of parts) {
    const { Version, Size } = apt.show(part);
    say(`downloading ${part} ${Version} (${(Number(Size) / 1e6).toFixed(1)} MB)`);
    const deb = apt.download(part);
    const excluded = wanted.isWhole ? [] : LEFT_OUT.map((path) => `--exclude=${path}`);
    tar(deb, ['-x', '-C', unpacked, '--no-same-owner', ...excluded]);
    const among = wanted.withModules ? [KERNEL, MODULES] : [KERNEL];
    const members = tar(deb, ['-t'])
      .split('\n')
      .filter((path) => among.some((pattern) => pattern.test(path)));
    if (members.length > 0) {
      tar(deb, ['-x', '-C', unpacked, '--no-same-owner', '--no-recursion', ...members]);
    }
    if (wanted.isWhole) {
      writeStatus(deb, part, unpacked);
      parts.push(...findDocumentsPackage(part, unpacked));
    }
    rmSync(deb);
  }
  return keepPackage(nameInCache, unpacked);
}

/** Writes the fields of a package where programs that scan images look for them. */
function writeStatus(deb, name, folder) {
  const status = join(folder, 'var/lib/dpkg/status.d');
  mkdirSync(status, { recursive: true });
  const { status: code, stdout, stderr } = spawnSync('dpkg-deb', ['--field', deb], { encoding: 'utf8' });
  if (code !== 0) throw new Error(`cannot read ${basename(deb)}: ${stderr.trim()}`);
  writeFileSync(join(status, name), stdout);
}

/** The package that has the licence of another one, whose folder of documents is a link then (Debian policy 12.5). */
function findDocumentsPackage(name, folder) {
  try {
    return [readlinkSync(join(folder, 'usr/share/doc', name))];
  } catch {
    return [];
  }
}

/** Runs tar on the contents of a package. @returns its standard output */
function tar(deb, args) {
  const script = 'deb=$1; shift; dpkg-deb --fsys-tarfile "$deb" | tar "$@"';
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', deb, ...args], {
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  if (status !== 0) throw new Error(`cannot unpack ${basename(deb)}: ${stderr.trim()}`);
  return stdout;
}

/** Links a key to its package. The link is made elsewhere and renamed, so that it is always complete. */
function linkPackage(key, folder) {
  const temporary = cachePath('partial', `${key}-${process.pid}`);
  rmSync(temporary, { force: true });
  symlinkSync(join('..', 'packages', basename(folder)), temporary);
  renameSync(temporary, cachePath('wanted', key));
}
