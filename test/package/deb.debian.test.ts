/** The Debian packages as users get them: built by `npm run deb`, which leaves packages as they are if nothing changed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../support/programs.js';
import { BUILD_TIMEOUT, buildDebs, expectLintianContent, PATHS, version } from './debs.js';

const work = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(work, { recursive: true }));

beforeAll(() => {
  buildDebs();
  for (const architecture of ['amd64', 'arm64'] as const) {
    runProgram('dpkg-deb', ['--raw-extract', PATHS[architecture], join(work, architecture)]);
  }
}, BUILD_TIMEOUT);

function listContents(path: string): readonly string[] {
  const lines = runProgram('dpkg-deb', ['--contents', path]).trimEnd().split('\n');
  return lines
    .map((line) => line.replace(/ +/g, ' ').split(' '))
    .map(([mode, owner, , , , ...name]) => [mode, owner, name.join(' ')].join(' '));
}

function readField(path: string, field: string): string {
  return runProgram('dpkg-deb', ['--field', path, field]).trim();
}

describe.each(['amd64', 'arm64'] as const)('kexec-file for %s', (architecture) => {
  it('has the fields that apt needs', () => {
    const path = PATHS[architecture];
    expect(readField(path, 'Package')).toBe('kexec-file');
    expect(readField(path, 'Version')).toBe(version);
    expect(readField(path, 'Architecture')).toBe(architecture);
    expect(Number(readField(path, 'Installed-Size'))).toBeGreaterThan(90_000);
  });

  it('has every part, owned by root, with the modes that Debian wants', () => {
    const contents = listContents(PATHS[architecture]);
    expect(contents).toEqual(
      expect.arrayContaining([
        '-rwxr-xr-x root/root ./usr/bin/kexec-file',
        '-rw-r--r-- root/root ./usr/share/doc/kexec-file/changelog.gz',
        '-rw-r--r-- root/root ./usr/share/doc/kexec-file/copyright',
        '-rw-r--r-- root/root ./usr/share/doc/kexec-file/kexec-file.cdx.json',
        '-rw-r--r-- root/root ./usr/share/bash-completion/completions/kexec-file',
        '-rw-r--r-- root/root ./usr/share/zsh/vendor-completions/_kexec-file',
        '-rw-r--r-- root/root ./usr/share/fish/vendor_completions.d/kexec-file.fish',
        '-rw-r--r-- root/root ./usr/share/man/man8/kexec-file.8.gz',
        '-rw-r--r-- root/root ./usr/share/man/man5/kexec-file.conf.5.gz',
        '-rw-r--r-- root/root ./usr/lib/systemd/system/kexec-file-kdump.service',
        '-rw-r--r-- root/root ./usr/lib/systemd/system/kexec-file-load.service',
        '-rw-r--r-- root/root ./etc/kexec-file.conf',
        '-rwxr-xr-x root/root ./etc/kernel/postinst.d/zz-kexec-file',
      ]),
    );
    expect(contents.filter((line) => !/^(d|-rwxr-xr-x|-rw-r--r--|l)\S* root\/root /.test(line))).toEqual([]);
    expect(contents.filter((line) => /^d/.test(line) && !line.startsWith('drwxr-xr-x '))).toEqual([]);
  });

  it('has what is in /etc as configuration, which dpkg keeps', () => {
    const conffiles = readFileSync(join(work, architecture, 'DEBIAN/conffiles'), 'utf8')
      .trimEnd()
      .split('\n');
    const inEtc = listContents(PATHS[architecture]).flatMap(
      (line) => /^-.* \.(\/etc\/.*)$/.exec(line)?.[1] ?? [],
    );
    expect(conffiles).toEqual(inEtc.sort());
  });

  it('depends on the libraries that the executable is linked with, in the versions that it uses', () => {
    const program = join(work, architecture, 'usr/bin/kexec-file');
    const sections = runProgram('aarch64-linux-gnu-readelf', [
      '--wide',
      '--dynamic',
      '--version-info',
      program,
    ]);
    const libraries = [...sections.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name).sort();
    const inPackages = [
      'libc.so.6',
      'libdl.so.2',
      'libgcc_s.so.1',
      'libm.so.6',
      'libpthread.so.0',
      'libstdc++.so.6',
    ];
    expect(libraries.filter((name) => !/^ld-linux/.test(name ?? '')).sort()).toEqual(inPackages.sort());
    expect(findNewest(sections, 'GLIBC')).toBe('2.28');
    // GCC 5 and GCC 7: https://gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html
    expect(findNewest(sections, 'GLIBCXX')).toBe('3.4.21');
    expect(findNewest(sections, 'CXXABI')).toBe('1.3.11');
    expect(readField(PATHS[architecture], 'Depends')).toBe(
      'libc6 (>= 2.28), libgcc-s1 (>= 3.4), libstdc++6 (>= 7)',
    );
  });

  it('has a valid bill of materials', async () => {
    const path = join(work, architecture, 'usr/share/doc/kexec-file/kexec-file.cdx.json');
    const text = readFileSync(path, 'utf8');
    expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBeNull();
    const names = JSON.parse(text).components.map(({ purl }: { purl: string }) =>
      purl.replace(/@[^@]*$/, ''),
    );
    expect(names).toEqual(
      expect.arrayContaining(['pkg:generic/node', 'pkg:npm/zod', 'pkg:npm/commander', 'pkg:npm/smol-toml']),
    );
  });
});

/** The newest version of a library's symbols that the program uses. */
function findNewest(sections: string, library: string): string | undefined {
  const versions = [...sections.matchAll(new RegExp(`\\b${library}_([\\d.]+)`, 'g'))].map(
    ([, found = '']) => found,
  );
  return versions.sort((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1);
}

it.each([
  ['kexec-file-kexec-tools', PATHS.kexecTools, './usr/sbin/kexec -> ../bin/kexec-file'],
  ['kexec-file-kexec-tools', PATHS.kexecTools, './usr/sbin/vmcore-dmesg -> ../bin/kexec-file'],
  ['kexec-file-makedumpfile', PATHS.makedumpfile, './usr/bin/makedumpfile -> kexec-file'],
])('%s has its links', (_, path, link) => {
  expect(listContents(path)).toContain(`lrwxrwxrwx root/root ${link}`);
  expect(readField(path, 'Depends')).toBe(`kexec-file (>= ${version})`);
});

it.each(Object.values(PATHS).filter((path) => path !== PATHS.arm64))(
  'lintian finds nothing in %s that is not explained',
  expectLintianContent,
  BUILD_TIMEOUT,
);
