/** Debian's arm64 packages for the demo, the tests and their guests, unpacked in a cache. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cachePath, keepPackage, packageFolder, workInCache } from './setup/cache.mjs';
import { say } from './setup/files.mjs';
import { PrivateApt } from './setup/private-apt.mjs';

/**
 * Packages in the guests of the tests, besides a kernel: Node's libraries, kexec-tools, and kdump-tools with its
 * programs.
 */
const GUEST_LIBRARIES = ['libc6', 'libstdc++6', 'libgcc-s1'];
const GUEST_PROGRAMS = ['kexec-tools', 'kdump-tools', 'sysvinit-utils', 'file'];
const GUEST_PACKAGES = [...GUEST_LIBRARIES, ...GUEST_PROGRAMS];

/**
 * The packages that Node needs, by the name that Node has for the CPU.
 *
 * @returns keys of PACKAGES
 */
export function listNodeLibraries(cpu) {
  return GUEST_LIBRARIES.map((name) => (cpu === 'arm64' ? name : `${name}:amd64`));
}

/** Other programs that read and write dumps. They run under qemu-user, with the libraries above. */
const DUMP_PROGRAMS = ['makedumpfile', 'crash'];

/**
 * All packages, by key: the package of that `name`, or the newest whose name matches `fitting`. Versions change, and
 * other Debian releases have other versions: if no name matches, the package that `metapackage` depends on.
 *
 * `withLibraries`: the folder also contains the libraries that the package depends on, whose names depend on the
 * release. `withModules`: it also contains the modules that a capture kernel needs for a 9p share or a disk.
 */
const PACKAGES = {
  'standard-6.1': {
    fitting: /^linux-image-6\.1\.0-\d+-arm64$/,
    metapackage: 'linux-image-arm64',
    withModules: true,
  },
  'cloud-6.1': { fitting: /^linux-image-6\.1\.0-\d+-cloud-arm64$/, metapackage: 'linux-image-cloud-arm64' },
  'cloud-6.12': { fitting: /^linux-image-6\.12\.[^-]+-cloud-arm64$/, metapackage: 'linux-image-cloud-arm64' },
  ...named(['busybox-static', 'shim-signed', 'systemd-boot-efi', ...GUEST_LIBRARIES]),
  ...Object.fromEntries(GUEST_LIBRARIES.map((name) => [`${name}:amd64`, { name, architecture: 'amd64' }])),
  ...named([...GUEST_PROGRAMS, ...DUMP_PROGRAMS], { withLibraries: true }),
};

/** The packages for each purpose. */
export const PACKAGE_SETS = {
  demo: ['cloud-6.12', 'busybox-static'],
  test: [
    ...['standard-6.1', 'cloud-6.1', 'cloud-6.12'],
    ...['busybox-static', 'shim-signed', 'systemd-boot-efi', ...GUEST_PACKAGES, ...DUMP_PROGRAMS],
  ],
};

/** Not unpacked: modules (see `withModules`) and documents. */
const MODULE_FOLDERS = ['./lib/modules', './usr/lib/modules'];
const LEFT_OUT = [
  ...MODULE_FOLDERS,
  ...['doc', 'lintian', 'locale', 'man'].map((name) => `./usr/share/${name}`),
];

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

/** The kernel Image of a package; undefined if the package is not in the cache. */
export function debianKernel(key) {
  const folder = debianPackage(key);
  if (folder === undefined) return undefined;
  const name = readdirSync(join(folder, 'boot')).find((file) => file.startsWith('vmlinuz-'));
  return join(folder, 'boot', name);
}

/** Busybox for arm64; undefined if it is not in the cache. */
export function debianBusybox() {
  const folder = debianPackage('busybox-static');
  if (folder === undefined) return undefined;
  return ['bin/busybox', 'usr/bin/busybox'].map((path) => join(folder, path)).find(existsSync);
}

/** Shim, which has Microsoft's signature and contains Debian's CA; undefined if it is not in the cache. */
export function debianShim() {
  const folder = debianPackage('shim-signed');
  return folder === undefined ? undefined : join(folder, 'usr/lib/shim/shimaa64.efi.signed');
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

  const architectures = new Set(missing.map(architectureOf));
  for (const architecture of architectures) {
    fetchMissing(
      missing.filter((key) => architectureOf(key) === architecture),
      architecture,
    );
  }
}

function architectureOf(key) {
  return PACKAGES[key].architecture ?? 'arm64';
}

function fetchMissing(keys, architecture) {
  workInCache((work) => {
    const apt = new PrivateApt(work, architecture);
    say(`fetching package lists for ${architecture}`);
    const warnings = apt.update();
    for (const key of keys) {
      const wanted = PACKAGES[key];
      const name = resolveName(apt, wanted);
      if (name === undefined)
        throw new Error(`no ${architecture} package in this machine's apt sources for ${key}\n${warnings}`);
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
  const foreign = wanted.architecture === undefined ? '' : `+${wanted.architecture}`;
  const additions = `${foreign}${libraries.length > 0 ? '+libraries' : ''}${wanted.withModules ? WITH_MODULES : ''}`;
  const nameInCache = `${name}_${version.replace(':', '%3a')}${additions}`;
  if (existsSync(packageFolder(nameInCache))) return packageFolder(nameInCache);

  const unpacked = mkdtempSync(join(work, 'unpacked-'));
  for (const part of [name, ...libraries]) {
    const { Version, Size } = apt.show(part);
    say(`downloading ${part} ${Version} (${(Number(Size) / 1e6).toFixed(1)} MB)`);
    const deb = apt.download(part);
    const excluded = LEFT_OUT.map((path) => `--exclude=${path}`);
    tar(deb, ['-x', '-C', unpacked, '--no-same-owner', ...excluded]);
    if (wanted.withModules) {
      const modules = tar(deb, ['-t'])
        .split('\n')
        .filter((path) => MODULES.test(path));
      tar(deb, ['-x', '-C', unpacked, '--no-same-owner', '--no-recursion', ...modules]);
    }
    rmSync(deb);
  }
  return keepPackage(nameInCache, unpacked);
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
