/** Debian's arm64 packages, unpacked in a cache: what the demo, the tests and their guests need. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cachePath, inCache, keepPackage, packageFolder } from './setup/cache.mjs';
import { say } from './setup/files.mjs';
import { PrivateApt } from './setup/private-apt.mjs';

/** What guests of the tests have beside a kernel: Node's libraries, kexec-tools, and kdump-tools with what it calls. */
const GUEST_LIBRARIES = ['libc6', 'libstdc++6', 'libgcc-s1'];
const GUEST_PROGRAMS = ['kexec-tools', 'kdump-tools', 'sysvinit-utils', 'file'];
const GUEST_PACKAGES = [...GUEST_LIBRARIES, ...GUEST_PROGRAMS];

/** What reads and writes dumps, too; run under qemu-user, with the libraries above. */
const DUMP_PROGRAMS = ['makedumpfile', 'crash'];

/**
 * What can be had: the package of that name, or the newest whose name fits. Versions rotate, and other Debian releases
 * have other ones: where none fits, it is the package that the metapackage depends on.
 *
 * `withLibraries`: the folder has the libraries that the package depends on, too, whatever a release calls them.
 * `withModules`: it has those modules, too, that a capture kernel needs for a 9p share or a disk.
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
  ...named([...GUEST_PROGRAMS, ...DUMP_PROGRAMS], { withLibraries: true }),
};

/** Which of them a purpose needs. */
export const PACKAGE_SETS = {
  demo: ['cloud-6.12', 'busybox-static'],
  test: [
    ...['standard-6.1', 'cloud-6.1', 'cloud-6.12'],
    ...['busybox-static', 'shim-signed', 'systemd-boot-efi', ...GUEST_PACKAGES, ...DUMP_PROGRAMS],
  ],
};

/** Not unpacked: modules, as far as nobody asks for them, and documents. */
const MODULE_FOLDERS = ['./lib/modules', './usr/lib/modules'];
const LEFT_OUT = [
  ...MODULE_FOLDERS,
  ...['doc', 'lintian', 'locale', 'man'].map((name) => `./usr/share/${name}`),
];

/** What the name of a folder in the cache ends in, if it has modules. */
const WITH_MODULES = '+modules';

/** Of a kernel's modules: those of a 9p share and of disks, and what they depend on. */
const MODULES =
  /\/modules\/[^/]+\/(modules\.builtin|kernel\/(fs\/(9p|fscache|netfs)|net\/9p|drivers\/(virtio|nvme\/host)|block|(lib|crypto)\/crc[^/]*)(\/.*)?)$/;

/** The folder a package is unpacked in; undefined if it is not in the cache. @param key - one of PACKAGES */
export function debianPackage(key) {
  try {
    const folder = packageFolder(basename(readlinkSync(cachePath('wanted', key))));
    // An older checkout may have unpacked it without.
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

/** Busybox, a program for arm64; undefined if it is not in the cache. */
export function debianBusybox() {
  const folder = debianPackage('busybox-static');
  if (folder === undefined) return undefined;
  return ['bin/busybox', 'usr/bin/busybox'].map((path) => join(folder, path)).find(existsSync);
}

/** Shim, Microsoft's signature on it and Debian's CA in it; undefined if it is not in the cache. */
export function debianShim() {
  const folder = debianPackage('shim-signed');
  return folder === undefined ? undefined : join(folder, 'usr/lib/shim/shimaa64.efi.signed');
}

/** systemd's stub, which unified kernel images begin with; undefined if it is not in the cache. */
export function debianStub() {
  const folder = debianPackage('systemd-boot-efi');
  return folder === undefined ? undefined : join(folder, 'usr/lib/systemd/boot/efi/linuxaa64.efi.stub');
}

/**
 * Downloads and unpacks those of the packages that are not in the cache; needs no network if all are.
 *
 * @throws Error that tells which package cannot be had and what apt says
 */
export function fetchDebianPackages(keys) {
  const missing = keys.filter((key) => debianPackage(key) === undefined);
  if (missing.length === 0) return;

  inCache((work) => {
    const apt = new PrivateApt(work);
    say('fetching package lists for arm64');
    const complaints = apt.update();
    for (const key of missing) {
      const wanted = PACKAGES[key];
      const name = resolveName(apt, wanted);
      if (name === undefined)
        throw new Error(`no arm64 package in this machine's apt sources for ${key}\n${complaints}`);
      remember(key, fetchPackage(apt, name, wanted, work));
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

/** The libraries that a package needs, and those that they need, without the C library's, which is a package of its own. */
function librariesOf(apt, name, found = new Set(GUEST_LIBRARIES)) {
  const { Depends: depends = '', 'Pre-Depends': before = '' } = apt.show(name) ?? {};
  const names = `${before}, ${depends}`.split(',').map((choice) => choice.trim().match(/^[^ :]*/)[0]);
  const libraries = names.filter((library) => /^z?lib/.test(library) && !found.has(library));
  for (const library of libraries) found.add(library);
  return libraries.flatMap((library) => [library, ...librariesOf(apt, library, found)]);
}

/** @returns the folder that the package and what goes with it are unpacked in, each version in its own */
function fetchPackage(apt, name, wanted, work) {
  const { Version: version } = apt.show(name);
  const libraries = wanted.withLibraries ? librariesOf(apt, name) : [];
  const additions = `${libraries.length > 0 ? '+libraries' : ''}${wanted.withModules ? WITH_MODULES : ''}`;
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

/** Runs tar on what is in a package. @returns what it prints */
function tar(deb, args) {
  const script = 'deb=$1; shift; dpkg-deb --fsys-tarfile "$deb" | tar "$@"';
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', deb, ...args], {
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  if (status !== 0) throw new Error(`${basename(deb)} cannot be unpacked: ${stderr.trim()}`);
  return stdout;
}

/** Notes which package is the one for a key: a link, made elsewhere and renamed, so that it is never half there. */
function remember(key, folder) {
  const temporary = cachePath('partial', `${key}-${process.pid}`);
  rmSync(temporary, { force: true });
  symlinkSync(join('..', 'packages', basename(folder)), temporary);
  renameSync(temporary, cachePath('wanted', key));
}
