/** The image for pipelines, read by other programs than the one that wrote it. Nothing here needs a container engine. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliRun } from '../support/cli.js';
import { buildImage } from '../support/image.js';
import { runProgram } from '../support/programs.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const IMAGE = `build/oci/kexec-file-${version}.oci.tar`;
const KERNEL = 'test/cases/field/01-verify-nobody-is-trusted/signed-by-a.efi';
const CERTIFICATE = 'test/cases/field/01-verify-nobody-is-trusted/a.pem';

/** Compresses 230 MB, besides the executables if they are older than the command. */
const BUILD_TIMEOUT = 20 * 60_000;

const work = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(work, { recursive: true }));

/** The root of a container, unpacked by umoci. @param bundle - a folder that it makes */
function unpack(architecture: string, bundle: string): string {
  const layout = `${bundle}-layout`;
  const policy = join(work, 'policy.json');
  writeFileSync(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  const options = ['--policy', policy, '--override-os', 'linux', '--override-arch', architecture];
  runProgram('skopeo', [...options, 'copy', `oci-archive:${IMAGE}`, `oci:${layout}:image`]);
  const rootless = process.geteuid?.() === 0 ? [] : ['--rootless'];
  runProgram('umoci', ['unpack', ...rootless, '--image', `${layout}:image`, bundle]);
  return join(bundle, 'rootfs');
}

beforeAll(() => runProgram('npm', ['run', '--silent', 'image']), BUILD_TIMEOUT);

describe.each(['amd64', 'arm64'])('the image for %s', (architecture) => {
  let root: string;

  beforeAll(() => {
    root = unpack(architecture, join(work, architecture));
  });

  it('starts the command, as a user without rights', () => {
    expect(JSON.parse(readFileSync(join(root, '../config.json'), 'utf8')).process).toMatchObject({
      args: ['/usr/bin/kexec-file', '--help'],
      user: { uid: 65532, gid: 65532 },
      cwd: '/work',
    });
    expect(runProgram('find', [root, '-perm', '/6000'])).toBe('');
  });

  it('has the licences and the versions of all that is in it', () => {
    const packages = readdirSync(join(root, 'var/lib/dpkg/status.d'));
    expect(packages).toEqual(expect.arrayContaining(['busybox-static', 'libc6', 'libgcc-s1', 'libstdc++6']));
    for (const name of [...packages, 'kexec-file']) {
      expect(existsSync(join(root, 'usr/share/doc', name, 'copyright')), name).toBe(true);
    }
    const status = readFileSync(join(root, 'var/lib/dpkg/status.d/libc6'), 'utf8');
    expect(status).toMatch(new RegExp(`^Architecture: ${architecture}$`, 'm'));
    expect(readFileSync(join(root, 'etc/os-release'), 'utf8')).toMatch(/^ID=debian$/m);
  });

  it('has its own libraries, with which the executable runs', () => {
    const program = join(root, 'usr/bin/kexec-file');
    const emulator = architecture === 'amd64' ? 'qemu-x86_64' : 'qemu-aarch64';
    expect(runProgram(emulator, ['-L', root, program, '--version'])).toMatch(
      new RegExp(`^${version} \\(executable for linux-`),
    );
  });
});

describe('in a container of this machine', () => {
  let root: string;

  beforeAll(() => {
    root = unpack(process.arch === 'x64' ? 'amd64' : process.arch, join(work, 'container'));
    copyFileSync(KERNEL, join(root, 'work/signed.efi'));
    copyFileSync(CERTIFICATE, join(root, 'work/a.pem'));
    writeFileSync(join(root, 'work/Image'), buildImage());
  });

  /** Runs a program with this root, as the image's user if this process may choose that. */
  function run(...command: readonly string[]): CliRun {
    const isRoot = process.geteuid?.() === 0;
    const args = isRoot
      ? ['chroot', '--userspec=65532:65532', root, ...command]
      : ['unshare', '--map-root-user', 'chroot', root, ...command];
    const { status, stdout, stderr, error } = spawnSync('env', ['-i', 'PATH=/usr/sbin:/usr/bin', ...args], {
      encoding: 'utf8',
    });
    if (error !== undefined) throw error;
    return { status, stdout, stderr };
  }

  it('the command says its version', () => {
    expect(run('kexec-file', 'version')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(version),
    });
  });

  it('verifies a signature', () => {
    const trusted = run('kexec-file', 'verify', '/work/signed.efi', '--cert', '/work/a.pem');
    expect(trusted, trusted.stderr).toMatchObject({ status: 0 });
    expect(run('kexec-file', 'verify', '/work/signed.efi').status).toBe(1);
  });

  it('preflights a kernel, with a report that waits in a temporary file', () => {
    const report = run('kexec-file', 'preflight', '/work/Image', 'qemu-virt', '--format', 'junit');
    expect(report, report.stderr).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('</testsuite>'),
    });
  });

  it('a shell runs the scripts of pipelines', () => {
    const script = 'cd /work && ls | grep -c Image && mktemp && kexec-file version';
    expect(run('sh', '-c', script)).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^1\n\/tmp\/.*\n\d+\./),
      stderr: '',
    });
  });
});
