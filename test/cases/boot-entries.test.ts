/** The options that take a kernel from a boot loader's entry, on a root of files. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { buildImage } from '../support/image.js';

const folder = mkdtempSync(join(tmpdir(), 'boot-entries-'));
afterAll(() => rmSync(folder, { recursive: true }));
const root = join(folder, 'root');
const config = join(folder, 'kexec-file.conf');
const ENTRY = `
set default="1>0"
menuentry 'Debian' --id simple { linux /vmlinuz-2 root=/dev/vda2 ro; initrd /initrd.img-2; }
submenu 'More' { menuentry 'Debian, older' --id older { linux /vmlinuz-1 root=/dev/vda2 ro quiet; initrd /a /initrd.img-1; } }
`;

beforeAll(() => {
  mkdirSync(join(root, 'boot/grub'), { recursive: true });
  writeFileSync(join(root, 'boot/grub/grub.cfg'), ENTRY);
  for (const name of ['vmlinuz-1', 'vmlinuz-2']) writeFileSync(join(root, 'boot', name), buildImage());
  for (const name of ['initrd.img-1', 'initrd.img-2', 'a']) writeFileSync(join(root, 'boot', name), 'initrd');
  writeFileSync(config, '[load]\npolicy = "permissive"\nappend = "panic=5"\n');
});

const plan = (...options: string[]) =>
  runCli('plan', '--machine', 'qemu-virt', '--root', root, '--config', config, ...options);

describe('plan --default', () => {
  it('plans for the default entry, and says why that one', () => {
    const { stdout, status } = plan('--default');
    expect(stdout).toMatch(
      /^entry More>older of \/boot\/grub\/grub.cfg, default by \/boot\/grub\/grub.cfg\nvmlinuz-1 /,
    );
    expect(status).toBe(0);
  });

  it('reports the entry as JSON', () => {
    const { bootEntry, segments } = JSON.parse(plan('--default', '--json').stdout);
    expect(bootEntry).toEqual({
      id: 'More>older',
      title: 'Debian, older',
      source: '/boot/grub/grub.cfg',
      loader: 'GRUB',
      reason: 'default by /boot/grub/grub.cfg',
      kernel: join(root, 'boot/vmlinuz-1'),
      initrds: [join(root, 'boot/a'), join(root, 'boot/initrd.img-1')],
      commandLine: 'root=/dev/vda2 ro quiet',
    });
    // Two initrds of 6 bytes, the second at a multiple of 4.
    expect(segments.find(({ name }: { name: string }) => name === 'initrd').bufsz).toBe('0xe');
  });

  it.each([
    [[], 'root=/dev/vda2 ro quiet panic=5'],
    [['--append', 'x=1'], 'root=/dev/vda2 ro quiet x=1'],
    [['--command-line', 'root=/dev/sda ro'], 'root=/dev/sda ro'],
  ])('builds the command line with %j', (options, commandLine) => {
    const page = join(folder, 'page.html');
    expect(plan('--default', '--html', page, '--force', ...options).status).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain(`>${commandLine}<`);
  });

  it('takes a named entry', () => {
    expect(plan('--boot-entry', 'simple').stdout).toMatch(/^entry simple of .*, by --boot-entry\nvmlinuz-2 /);
    expect(plan('--boot-entry', 'smple')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('did you mean simple'),
    });
  });

  it('takes the entry of the settings', () => {
    const other = join(folder, 'other.conf');
    writeFileSync(other, '[load]\npolicy = "permissive"\nentry = "simple"\n');
    const { stdout } = runCli('plan', '--default', '--root', root, '--config', other);
    expect(stdout).toContain(`entry simple of /boot/grub/grub.cfg, entry in [load] of ${other}`);
  });

  it.each([
    [['vmlinuz', '--default'], 'vmlinuz and --default name two kernels; give one'],
    [['--default', '--panic'], "option '--default' cannot be used with option '--panic'"],
    [['--default', '--reuse-cmdline'], "option '--default' cannot be used with option '--reuse-cmdline'"],
    [[], '--config needs --default or --boot-entry'],
  ])('is refused with %j', (options, text) => {
    expect(plan(...options)).toMatchObject({ status: 2, stderr: expect.stringContaining(text) });
  });

  it('stops at a wrong setting', () => {
    const wrong = join(folder, 'wrong.conf');
    writeFileSync(wrong, '[load]\npolcy = "enforce"\n');
    const { status, stderr } = runCli('plan', '--default', '--root', root, '--config', wrong);
    expect([status, stderr.replaceAll(/\s+/g, ' ')]).toEqual([
      1,
      expect.stringContaining('did you mean policy?'),
    ]);
  });
});

it('explain --default explains the load of the entry', () => {
  const { stdout } = runCli(
    'explain',
    '--default',
    '--root',
    root,
    '--config',
    config,
    '--machine',
    'qemu-virt',
  );
  expect(stdout).toMatch(/^entry More>older of .*\nvmlinuz-1 /);
});

describe('machine entries', () => {
  it('marks the default', () => {
    const { stdout } = runCli('machine', 'entries', '--root', root);
    expect(stdout).toContain('boot loader: GRUB');
    expect(stdout).toContain('* More>older (Debian, older)');
    expect(stdout).toContain('  simple (Debian)');
  });

  it('prints JSON', () => {
    const report = JSON.parse(runCli('machine', 'entries', '--root', root, '--json').stdout);
    expect(report).toMatchObject({ schema: 'kexec-file/machine-entries', default: { id: 'More>older' } });
    expect(report.entries.map(({ id }: { id: string }) => id)).toEqual(['simple', 'More>older']);
  });
});
