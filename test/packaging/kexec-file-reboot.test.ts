/** kexec-file-reboot with programs that only write down how they were called. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../support/cli.js';
import { encodeLoaderVariable, loaderVariablePath } from '../support/entry-files.js';

const SCRIPT = 'packaging/debian/kexec-file/usr/sbin/kexec-file-reboot';
const STATE = 'var/lib/kexec-file/known-good';
const LOADED = 'entry debian of /boot/grub/grub.cfg, default';

let folder: string;

beforeEach(() => {
  folder = makeTemporaryFolder();
  write('etc/default/kexec-file', 'LOAD_OPTIONS=\nREBOOT_OPTIONS=\n');
  for (const name of ['systemctl', 'bootctl', 'grub-reboot', 'grub-editenv', 'logger']) writeProgram(name);
  writeProgram('id', 'echo 0');
  writeProgram('uname', 'echo 6.12.1-arm64');
  writeProgram('efibootmgr', 'echo "BootCurrent: 0003"; echo "BootNext: 0003"');
  writeProgram('kexec-file', `[ "$1" = machine ] && echo 'advanced>this' || echo '${LOADED}'`);
});

describe('kexec-file-reboot', () => {
  it('starts the default kernel by kexec if it loads, and says so in the journal', () => {
    const { status, stdout, called } = run();
    expect([status, called]).toEqual([0, ['kexec-file load --default', 'systemctl kexec']]);
    expect(stdout).toBe(`rebooting by kexec: the default kernel loads\n  ${LOADED}\n`);
    expect(readFileSync(join(folder, 'journal'), 'utf8')).toBe(
      `-t kexec-file-reboot -p daemon.notice\n${stdout}`,
    );
  });

  it('reboots through the firmware if the load is refused, with the reason', () => {
    writeProgram('kexec-file', 'echo "refused: EPERM (live-permission)" >&2; exit 1');
    const { status, stdout, called } = run();
    expect([status, called]).toEqual([0, ['kexec-file load --default', 'SKIP=1 systemctl reboot']]);
    expect(stdout).toBe(
      'rebooting through the firmware: the default kernel does not load\n  refused: EPERM (live-permission)\n',
    );
    expect(readFileSync(join(folder, 'journal'), 'utf8')).toContain('-p daemon.warning\n');
  });

  it('reboots through the firmware if kexec cannot begin', () => {
    writeProgram('systemctl', '[ "$1" != kexec ] || { echo "no kernel" >&2; exit 1; }');
    const { status, stdout, called } = run();
    expect([status, called.at(-1)]).toEqual([0, 'SKIP=1 systemctl reboot']);
    expect(stdout).toContain('through the firmware: systemctl kexec failed\n  no kernel\n');
  });

  it('fails if no reboot begins, or for another user than root', () => {
    writeProgram('systemctl', 'exit 1');
    expect(run()).toMatchObject({ status: 1, stderr: 'kexec-file-reboot: systemctl reboot failed\n' });
    writeProgram('id', 'echo 1000');
    expect(run()).toMatchObject({ status: 1, called: [], stderr: 'kexec-file-reboot: run it as root\n' });
  });

  it('takes options from the settings of the services, too', () => {
    write('etc/default/kexec-file', 'LOAD_OPTIONS="--policy permissive"\nREBOOT_OPTIONS=--dry-run\n');
    expect(run().called).toEqual(['kexec-file load --default --dry-run --policy permissive']);
    expect(run('--force-firmware').stdout).toBe('would reboot through the firmware: --force-firmware\n');
    write('etc/default/kexec-file', 'REBOOT_OPTIONS=--force-firmware\n');
    expect(run().called).toEqual(['SKIP=1 systemctl reboot']);
    expect(run('--soft')).toMatchObject({ status: 2, called: [] });
  });

  it('changes nothing with --dry-run, and writes nothing to the journal', () => {
    write('boot/grub/grub.cfg', '');
    write('boot/grub/grubenv', '');
    const { status, stdout, called } = run('--dry-run', '--known-good');
    expect(called).toEqual([
      'kexec-file load --default --dry-run',
      'kexec-file machine entries --release 6.12.1-arm64',
    ]);
    expect([status, stdout]).toEqual([
      0,
      `would reboot by kexec: the default kernel loads\n  ${LOADED}\n  known-good for the next boot by firmware: advanced>this (grub)\n`,
    ]);
    expect([existsSync(join(folder, 'journal')), existsSync(join(folder, STATE))]).toEqual([false, false]);
  });

  it('describes itself', () => {
    const { status, stdout, called } = run('--help');
    expect([status, called]).toEqual([0, []]);
    expect(stdout).toMatch(/^usage: kexec-file-reboot /);
  });
});

describe('the known-good kernel', () => {
  const grub = (): void => {
    for (const name of ['grub.cfg', 'grubenv']) write(`boot/grub/${name}`, '');
  };
  const systemdBoot = (): void =>
    write(loaderVariablePath('LoaderInfo'), encodeLoaderVariable('systemd-boot 257'));
  const firmware = (): void => write('sys/firmware/efi/efivars/BootCurrent', '');

  it.each([
    ['GRUB', grub, 'grub-reboot advanced>this', 'grub-editenv - unset next_entry'],
    ['systemd-boot', systemdBoot, 'bootctl set-oneshot @current', 'bootctl set-oneshot '],
    ['the firmware', firmware, 'efibootmgr --quiet --bootnext 0003', 'efibootmgr --quiet --delete-bootnext'],
  ])('is set by %s before the kexec, and unset afterwards', (_, prepare, set, unset) => {
    prepare();
    const { called } = run('--known-good');
    expect(called.slice(called.indexOf(set))).toEqual([
      set,
      'systemctl --quiet enable kexec-file-came-back.service',
      'systemctl kexec',
    ]);
    expect(called.indexOf('kexec-file load --default')).toBeLessThan(called.indexOf(set));
    write('proc/device-tree/chosen/linux,booted-from-kexec', '');
    const back = run('--came-back');
    expect(back.called).toEqual(
      expect.arrayContaining([unset, 'systemctl --quiet disable kexec-file-came-back.service']),
    );
    expect(back.called.at(-1)).toBe('kexec-file hook changed');
    expect(back.stdout).toMatch(/^<5>came back by kexec with Linux 6\.12\.1-arm64$/m);
    expect(existsSync(join(folder, STATE))).toBe(false);
    expect(run('--came-back').called).toEqual([]);
  });

  it('is unset after a way back through the firmware, which is a warning', () => {
    grub();
    run('--known-good');
    const { stdout, called } = run('--came-back');
    expect(stdout).toMatch(/^<4>came back through its firmware, not by kexec .* with Linux 6\.12\.1-arm64$/m);
    expect(called).toContain('grub-editenv - unset next_entry');
    expect(existsSync(join(folder, STATE))).toBe(false);
  });

  it('stays set if a unit has failed that had not failed before', () => {
    grub();
    writeProgram('systemctl', '[ "$1" != list-units ] || echo "old.service loaded failed failed Old"');
    run('--known-good');
    writeProgram('systemctl', '[ "$1" != list-units ] || printf "%s x\\n" old.service new.service');
    const { stdout, called } = run('--came-back');
    expect(stdout).toContain('units failed that had not failed before: new.service\n');
    expect(called).not.toContain('grub-editenv - unset next_entry');
    expect(existsSync(join(folder, STATE))).toBe(true);
  });

  it('is unset before the next load, which would follow it', () => {
    grub();
    run('--known-good');
    const { called } = run();
    expect(called.indexOf('grub-editenv - unset next_entry')).toBeLessThan(
      called.indexOf('kexec-file load --default'),
    );
    expect(called).toContain('grub-editenv - unset next_entry');
  });

  it.each([
    ['there is no boot loader', () => rmSync(join(folder, 'bin/efibootmgr')), 'no boot loader here'],
    [
      'GRUB has no entry of it',
      () => {
        grub();
        writeProgram('kexec-file', '[ "$1" != machine ] || { echo "ENOENT (boot-entry)" >&2; exit 1; }');
      },
      'ENOENT (boot-entry)',
    ],
    [
      'the boot loader fails',
      () => {
        grub();
        writeProgram('grub-reboot', 'echo "read-only" >&2; exit 1');
      },
      'grub-reboot advanced>this: read-only',
    ],
  ])('has the machine reboot through the firmware if %s', (_, prepare, why) => {
    prepare();
    const { stdout, called } = run('--known-good');
    expect(stdout).toContain('through the firmware: the known-good kernel cannot be set');
    expect(stdout).toContain(why);
    expect(called.at(-1)).toBe('SKIP=1 systemctl reboot');
    expect(existsSync(join(folder, STATE))).toBe(false);
  });
});

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Writes a program that logs its call, if it changes anything, and then does more. */
function writeProgram(name: string, more = ''): void {
  const log =
    name === 'logger'
      ? `{ echo "$*"; cat; } >> ${folder}/journal`
      : `echo "\${SYSTEMCTL_SKIP_AUTO_KEXEC:+SKIP=1 }${name} $*" >> ${folder}/called`;
  write(`bin/${name}`, `#!/bin/sh\n${['id', 'uname'].includes(name) ? '' : log}\n${more}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}

function run(...args: readonly string[]) {
  rmSync(join(folder, 'called'), { force: true });
  const { status, stdout, stderr } = spawnSync('sh', [SCRIPT, ...args], {
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      KEXEC_FILE_ROOT: folder,
      // systemd sets it for a unit whose output goes to the journal.
      ...(args.includes('--came-back') ? { JOURNAL_STREAM: '8:12345' } : {}),
    },
  });
  const called = existsSync(join(folder, 'called'))
    ? readFileSync(join(folder, 'called'), 'utf8')
        .split('\n')
        .filter(
          (line) => line !== '' && !/^systemctl (list-units|is-system-running)|^efibootmgr $/.test(line),
        )
    : [];
  return { status, stdout, stderr, called };
}
