/** Debian's arm64 packages, unpacked in a cache: the kernels, the busybox and the shim of the demo and the tests. */

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { say } from './setup/files.mjs';
import { PrivateApt } from './setup/private-apt.mjs';

/**
 * What can be had: the newest package whose name fits. Versions rotate, and other Debian releases have other ones:
 * where none fits, it is the package that the metapackage depends on.
 */
const PACKAGES = {
  'standard-6.1': { name: /^linux-image-6\.1\.0-\d+-arm64$/, metapackage: 'linux-image-arm64' },
  'cloud-6.1': { name: /^linux-image-6\.1\.0-\d+-cloud-arm64$/, metapackage: 'linux-image-cloud-arm64' },
  'cloud-6.12': { name: /^linux-image-6\.12\.[^-]+-cloud-arm64$/, metapackage: 'linux-image-cloud-arm64' },
  'busybox-static': { name: /^busybox-static$/ },
  'shim-signed': { name: /^shim-signed$/ },
};

/** Which of them a purpose needs. */
export const PACKAGE_SETS = {
  demo: ['cloud-6.12', 'busybox-static'],
  test: ['standard-6.1', 'cloud-6.1', 'cloud-6.12', 'busybox-static', 'shim-signed'],
};

/** Not unpacked: modules and documents. */
const LEFT_OUT = ['./lib/modules', './usr/lib/modules', './usr/share'];

/** Age at which what an interrupted run left behind is removed, in milliseconds. */
const LEFTOVER_AGE = 24 * 60 * 60 * 1000;

/** The folder a package is unpacked in; undefined if it is not in the cache. @param key - one of PACKAGES */
export function debianPackage(key) {
  const link = join(cacheFolder(), 'wanted', key);
  try {
    const folder = join(cacheFolder(), 'packages', basename(readlinkSync(link)));
    return existsSync(folder) ? folder : undefined;
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

/**
 * Downloads and unpacks those of the packages that are not in the cache; needs no network if all are.
 *
 * @throws Error that tells which package cannot be had and what apt says
 */
export function fetchDebianPackages(keys) {
  const missing = keys.filter((key) => debianPackage(key) === undefined);
  if (missing.length === 0) return;

  for (const name of ['packages', 'wanted', 'partial'])
    mkdirSync(join(cacheFolder(), name), { recursive: true });
  removeLeftovers();
  const work = mkdtempSync(join(cacheFolder(), 'partial', 'apt-'));
  try {
    const apt = new PrivateApt(work);
    say('fetching package lists for arm64');
    const complaints = apt.update();
    for (const key of missing) {
      const name = resolveName(apt, PACKAGES[key]);
      if (name === undefined)
        throw new Error(`no arm64 package in this machine's apt sources for ${key}\n${complaints}`);
      remember(key, fetchPackage(apt, name, work));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function cacheFolder() {
  const { XDG_CACHE_HOME: home = '' } = process.env;
  return join(isAbsolute(home) ? home : join(homedir(), '.cache'), 'kexec-file');
}

function resolveName(apt, { name, metapackage }) {
  const fitting = apt.names().filter((candidate) => name.test(candidate));
  const newest = fitting.sort(new Intl.Collator('en', { numeric: true }).compare).at(-1);
  if (newest !== undefined || metapackage === undefined) return newest;
  return apt.show(metapackage)?.Depends?.match(/linux-image-[^ ,|]+/)?.[0];
}

/** @returns the folder the package is unpacked in, each version in its own */
function fetchPackage(apt, name, work) {
  const { Version: version, Size: size } = apt.show(name);
  const folder = join(cacheFolder(), 'packages', `${name}_${version.replace(':', '%3a')}`);
  if (existsSync(folder)) return folder;

  say(`downloading ${name} ${version} (${Math.ceil(Number(size) / 1e6)} MB)`);
  const deb = apt.download(name);
  const unpacked = mkdtempSync(join(work, 'unpacked-'));
  unpack(deb, unpacked);
  rmSync(deb);
  try {
    renameSync(unpacked, folder);
  } catch (error) {
    // Another run was faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function unpack(deb, folder) {
  const script =
    'deb=$1; folder=$2; shift 2; dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$folder" --no-same-owner "$@"';
  const excluded = LEFT_OUT.map((path) => `--exclude=${path}`);
  const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', deb, folder, ...excluded], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${basename(deb)} cannot be unpacked: ${stderr.trim()}`);
}

/** Notes which package is the one for a key: a link, made elsewhere and renamed, so that it is never half there. */
function remember(key, folder) {
  const temporary = join(cacheFolder(), 'partial', `${key}-${process.pid}`);
  rmSync(temporary, { force: true });
  symlinkSync(join('..', 'packages', basename(folder)), temporary);
  renameSync(temporary, join(cacheFolder(), 'wanted', key));
}

function removeLeftovers() {
  const partial = join(cacheFolder(), 'partial');
  for (const name of readdirSync(partial)) {
    const path = join(partial, name);
    const age = Date.now() - statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (age > LEFTOVER_AGE) rmSync(path, { recursive: true, force: true });
  }
}
