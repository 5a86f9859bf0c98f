/** What plan and explain say first, what they warn of, and what --strict refuses. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { buildCpio } from '../../src/formats/cpio.js';
import { formatMachine } from '../../src/machine/schema.js';
import { joinLines, makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildImage } from '../support/image.js';
import { buildMachine } from '../support/machine.js';

const PRESET = 'on qemu-virt (the preset; --machine names another)';

const files = { kernel: '', initrd: '', machine: '' };

/** Files for the test: an Image of Linux, an initrd, a machine that had an initrd and another console. */
function writeFiles(): void {
  const folder = makeTemporaryFolder();
  files.kernel = join(folder, 'vmlinuz');
  files.initrd = join(folder, 'initrd.img');
  files.machine = join(folder, 'server1.json');
  const image = buildImage();
  image.set(new TextEncoder().encode('Linux version 6.12.1-test (a@b) (gcc) #1\0'), 100);
  writeFileSync(files.kernel, image);
  writeFileSync(files.initrd, buildCpio([{ name: 'init', type: 'file', bytes: new Uint8Array(9) }]));
  const commandLine = 'root=UUID=0f1e console=ttyS0';
  writeFileSync(files.machine, formatMachine(buildMachine({ name: 'server1', commandLine })));
}

const plan = (...args: readonly string[]) => runCli('plan', files.kernel, ...args);

describe('a plan', () => {
  beforeEach(writeFiles);

  it('says first what loads where, and last what the next kernel lacks', () => {
    const { status, stdout, stderr } = plan();
    expect([status, stderr]).toEqual([0, '']);
    const parts = stdout.split('\n\n').map(joinLines);
    expect(parts[0]).toMatch(
      /^vmlinuz \(Linux 6\.12\.1-test, unsigned\) loads on qemu-virt \(the preset; --machine names another\): 3 segments, entry 0x[0-9a-f]+; 2 warnings$/,
    );
    expect(parts.slice(-3)).toEqual([
      '2 warnings; --strict refuses the load for them',
      expect.stringMatching(/^command-line-present: .* cure .*--reuse-cmdline$/),
      expect.stringMatching(/^root-device: no root= and no initrd: .* cure .*--initrd/),
    ]);
    expect(stdout).toMatch(/^ {2}note {2}root-device /m);
  });

  it('has no list of warnings if nothing is lacking', () => {
    const { stdout } = plan('--initrd', files.initrd, '--command-line', 'console=ttyAMA0', '--strict');
    expect(joinLines(stdout)).toContain(`loads ${PRESET}: 4 segments`);
    expect(stdout).not.toContain('warning');
  });

  it('warns of what differs from the running kernel, on the machine that is named', () => {
    const args = ['--machine', files.machine, '--command-line', 'root=/dev/vda console=ttyAMA0'];
    const { status, stdout } = plan(...args, '--json');
    expect(status).toBe(0);
    const warnings = JSON.parse(stdout).trail.filter(
      ({ verdict, cure }: Record<string, string>) => verdict === 'note' && cure,
    );
    expect(warnings).toEqual([
      {
        check: 'initrd-present',
        verdict: 'note',
        detail: expect.stringContaining('root=UUID=0f1e'),
        cure: expect.any(String),
      },
      {
        check: 'console',
        verdict: 'note',
        detail: expect.stringContaining('prints to ttyS0 (console=)'),
        cure: expect.any(String),
      },
    ]);
    const strict = plan(...args, '--strict');
    expect(strict.status).toBe(1);
    expect(joinLines(strict.stdout)).toMatch(
      /^vmlinuz \(Linux 6.12.1-test, unsigned\) is refused on server1: ENOENT \(initrd-present\): /,
    );
    expect(strict.stdout).toMatch(/^ {2}refused {2}initrd-present /m);
    expect(strict.stderr).toMatch(/^refused: ENOENT \(initrd-present\)\n/);
  });

  it('says what is refused in the same form', () => {
    const { status, stdout } = runCli('plan', files.initrd);
    expect(status).toBe(1);
    expect(joinLines(stdout)).toMatch(
      /^initrd\.img is refused on qemu-virt \(the preset; --machine names another\): EINVAL \(image-magic\): /,
    );
  });
});

it('a plan for a system call makes what that call makes', () => {
  writeFiles();
  const names = (...args: readonly string[]) => {
    const { syscall, segments } = JSON.parse(plan('--json', ...args).stdout);
    return [syscall, segments.map(({ name }: { name: string }) => name)];
  };
  expect(names('--syscall', 'file')).toEqual(['file', ['kernel', 'dtb']]);
  expect(names('--syscall', 'segments')).toEqual(['segments', ['kernel', 'dtb', 'purgatory']]);
  expect(names()).toEqual([undefined, ['kernel', 'dtb', 'purgatory']]);
  expect(joinLines(plan('--syscall', 'file').stdout)).toContain(
    `loads ${PRESET} by kexec_file_load: 2 segments`,
  );
  const { status, stderr } = plan('--syscall', 'file', '--mem-min', '0x50000000');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^refused: EINVAL \(live-option\)\n/);
});

it('explain names kernel and machine, and every warning with its rule and cure', () => {
  writeFiles();
  const { status, stdout } = runCli('explain', files.kernel);
  expect(status).toBe(0);
  expect(joinLines(stdout)).toMatch(
    /^vmlinuz \(Linux 6\.12\.1-test, unsigned\) on qemu-virt \(the preset; --machine names another\): loads /,
  );
  expect(joinLines(stdout)).toMatch(
    /next boot \d+ note command-line-present: .* rule .* cure .* note root-device: /,
  );
  expect(runCli('explain', files.kernel, '--strict').status).toBe(1);
});
