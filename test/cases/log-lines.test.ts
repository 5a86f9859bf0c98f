import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { KernelLog, type LogMatch } from '../../src/explain/kernel-log.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildMachine, GIB } from '../support/machine.js';

/** What the command says of a log of test/cases/field. */
function explainCase(name: string): LogMatch[] {
  const { status, stdout } = runCli('explain', '--log', `test/cases/field/${name}/log`, '--json');
  expect(status).toBe(0);
  return JSON.parse(stdout).log.matches;
}

function explain(...lines: readonly string[]): LogMatch[] {
  const log = new KernelLog();
  for (const line of lines) log.read(line);
  return log.matches;
}

const causesOf = (...lines: readonly string[]): string[] => explain(...lines).map(({ cause }) => cause);

/** The cure of the one cause in a log. */
const cureOf = (...lines: readonly string[]): string => explain(...lines)[0]?.checks[0]?.cure ?? '';

describe('field/15: each line has its own text, and each cause its own cure', () => {
  it('groups the lines of the case by cause', () => {
    const matches = explainCase('15-log-text-of-another-line');
    expect(matches.map(({ line, text, cause, last }) => [line, text, cause, last?.line])).toEqual([
      [1, '[    1.000000] cannot allocate crashkernel (size:0x20000000)', 'crashkernel-no-room', 3],
      [4, '[    1.000000] crashkernel: Memory value expected', 'crashkernel-number', undefined],
      [
        5,
        '[    1.000000] crashkernel reservation failed - memory is in use.',
        'crashkernel-taken',
        undefined,
      ],
      [
        6,
        '[    1.000000] cannot allocate crashkernel low memory (size:0x8000000).',
        'crashkernel-no-low-room',
        undefined,
      ],
    ]);
    expect(matches[0]?.last?.text).toContain('size:0x10000000');
    const cures = matches.map(({ checks: [check] }) => check?.cure);
    expect(new Set(cures).size).toBe(4);
    expect(cures[1]).toContain('correct the value');
    expect(cures[2]).toContain('leave @ADDRESS out');
    expect(cures[3]).toContain('crashkernel=64M,low');
  });

  it.each([
    ["crashkernel: '-' expected", 'crashkernel-range', 'START-[END]:SIZE'],
    ["crashkernel: ':' expected", 'crashkernel-range', 'START-[END]:SIZE'],
    ['crashkernel: end <= start', 'crashkernel-range', 'START-[END]:SIZE'],
    ['crashkernel: unrecognized char: ,', 'crashkernel-character', 'character'],
    ['crashkernel: memory value expected', 'crashkernel-number', 'correct the value'],
    ["Memory value expected after '@'", 'crashkernel-number', 'correct the value'],
    ['crashkernel: invalid size', 'crashkernel-too-large', 'ask for less'],
    ['crashkernel size resulted in zero bytes', 'crashkernel-no-range', 'add a range'],
    [
      'cannot reserve crashkernel: region overlaps reserved memory',
      'crashkernel-taken',
      'leave @ADDRESS out',
    ],
    ['cannot reserve crashkernel: base address is not 2MB aligned', 'crashkernel-unaligned', '2 MiB'],
    ['crashkernel reservation failed - No suitable area found.', 'crashkernel-no-room', 'ask for less'],
    ['crashkernel: something of a newer kernel', 'crashkernel-other', 'crashkernel='],
  ])('%s: %s', (text, cause, cure) => {
    expect(causesOf(`[    0.000000] ${text}`)).toEqual([cause]);
    expect(cureOf(text)).toContain(cure);
  });

  it('names what suits the machine, and its boot loader', () => {
    const commandLine = 'BOOT_IMAGE=/boot/vmlinuz-6.1.0-arm64 root=/dev/vda1 crashkernel=90G';
    const log = new KernelLog({
      machine: buildMachine({ commandLine, memory: [{ start: GIB, end: 5n * GIB }] }),
    });
    log.read('cannot allocate crashkernel (size:0x1680000000)');
    log.read('Initramfs unpacking failed: write error');
    const [region, initrd] = log.matches.map(({ checks }) => checks[0]?.cure);
    expect(region).toMatch(/on this machine, .*GRUB/i);
    expect(region).toMatch(/replace crashkernel=90G by crashkernel=\d+M/);
    expect(initrd).toMatch(/change the command line by: .*GRUB/i);
    const other = new KernelLog({
      machine: buildMachine({ commandLine: 'BOOT_IMAGE=/boot/vmlinuz root=/dev/vda1' }),
    });
    other.read('crashkernel: invalid size');
    expect(other.matches[0]?.checks[0]?.cure).toMatch(/ask for less .*change the command line by: .*GRUB/i);
  });
});

describe('field/13: the lines of the next kernel', () => {
  it('explains all nine lines of the case', () => {
    const matches = explainCase('13-log-next-kernel');
    expect(matches.map(({ line, cause }) => [line, cause])).toEqual([
      [1, 'initrd-no-space'],
      [2, 'initrd-damaged'],
      [3, 'initrd-junk-within'],
      [4, 'memory-deadlock'],
      [5, 'no-elfcorehdr'],
      [6, 'elfcorehdr-overlapped'],
      [7, 'lpis-enabled'],
      [8, 'lpis-not-disabled'],
      [9, 'cpu-not-online'],
    ]);
    for (const { meaning } of matches) expect(meaning).toBeDefined();
  });

  it.each([
    ['Initramfs unpacking failed: junk at the end of compressed archive', 'initrd-junk-at-end'],
    ['Initramfs unpacking failed: invalid magic at start of compressed archive', 'initrd-padding'],
    ['Initramfs unpacking failed: broken padding', 'initrd-padding'],
    ['Initramfs unpacking failed: no cpio magic', 'initrd-junk-within'],
    ['Initramfs unpacking failed: XZ-compressed data is corrupt', 'initrd-damaged'],
    ['Initramfs unpacking failed: ZSTD-compressed data is truncated', 'initrd-damaged'],
    [
      'Initramfs unpacking failed: Input was encoded with settings that are not supported by this XZ decoder',
      'initrd-settings',
    ],
    ['Initramfs unpacking failed: ZSTD decompressor ran out of memory', 'initrd-no-memory'],
    ['Initramfs unpacking failed: compression method zstd not configured', 'initrd-method'],
    ['Initramfs unpacking failed: something new', 'initrd-failed'],
    ['INITRD: 0x48000000+0x00100000 overlaps in-use memory region', 'initrd-place'],
    ['Failed to execute /init (error -8)', 'init-fails'],
    ['Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)', 'no-root'],
    ['Kernel panic - not syncing: No working init found.  Try passing init= option to kernel.', 'no-init'],
    ['vmcore: Warning: Core image elf header is not sane', 'elfcorehdr-damaged'],
    ['Warning: Zero PT_NOTE entries found', 'vmcore-notes'],
    ['ITS@0x0000000008080000: Failed to quiesce, giving up', 'its-not-quiet'],
    ['GICv3: RWP timeout, gone fishing', 'gic-timeout'],
    ['psci: failed to boot CPU2 (-22)', 'cpu-not-started'],
    ['CPU2: is stuck in kernel', 'cpu-stuck'],
    ['CPU1: does not support 64K granule', 'cpu-unsupported'],
    ['arm-smmu-v3 arm-smmu-v3.0.auto: SMMU currently enabled! Resetting...', 'smmu-enabled'],
    ['[Firmware Bug]: Kernel image misaligned at boot, please fix your bootloader!', 'misaligned-kernel'],
    ['Bye!', 'jump-to-next'],
  ])('%s: %s', (text, cause) => {
    expect(causesOf(`[    1.234567] ${text}`)).toEqual([cause]);
    const [match] = explain(text);
    expect(match?.checks[0]?.cure).toMatch(/\S{3}/);
  });

  it('takes memory that runs out as a cause in a crash kernel only', () => {
    const short = 'Out of memory: Killed process 200 (systemd) total-vm:1kB';
    expect(causesOf('Linux version 6.1.0', short)).toEqual([]);
    expect(causesOf('Starting crashdump kernel...', 'Bye!', 'Linux version 6.1.0', short)).toContain(
      'memory-short',
    );
    expect(causesOf('OF: fdt: Reserving 4 KiB of memory at 0x7fe00000 for elfcorehdr', short)).toEqual([
      'memory-short',
    ]);
    expect(causesOf('Starting crashdump kernel...', 'Linux version 6.1', 'Linux version 6.1', short)).toEqual(
      ['jump-to-next'],
    );
  });
});

describe('field/19: what SELinux and its like deny', () => {
  const avc = (permission: string, tclass: string, rest = ''): string =>
    `type=AVC msg=audit(1700000000.123:1): avc:  denied  { ${permission} } for  pid=9 comm="kexec" ${rest} ` +
    `scontext=system_u:system_r:kdump_t:s0 tcontext=system_u:object_r:boot_t:s0 tclass=${tclass} permissive=0`;

  it('names domain, permission and cure of the case, and what the call failed by', () => {
    const [lockdown, sysBoot, call] = explainCase('19-selinux');
    for (const match of [lockdown, sysBoot]) {
      expect(match?.cause).toBe('selinux-denial');
      expect(match?.meaning).toContain('domain kdump_t');
      expect(match?.checks.map(({ check }) => check)).toEqual(['security-module']);
      expect(match?.checks[0]?.cure).toMatch(/audit2allow.*semanage permissive -a kdump_t/);
    }
    expect(lockdown?.meaning).toContain('{ integrity }');
    expect(lockdown?.errno).toBe('EACCES');
    expect(sysBoot?.meaning).toContain('{ sys_boot }');
    expect(sysBoot?.errno).toBe('EPERM');
    expect(call?.checks.map(({ check }) => check)).toEqual(['security-module']);
    expect(call?.meaning).toContain('line 1');
  });

  it.each([
    ['EACCES', ['IMA', 'SELinux', 'AppArmor', 'IPE']],
    [
      'EPERM',
      [
        'CAP_SYS_BOOT',
        'kexec_load_disabled',
        'kexec_load_limit',
        'lockdown',
        'SELinux',
        'LoadPin',
        'seccomp',
      ],
    ],
    ['ENOSYS', ['CONFIG_KEXEC_FILE', 'seccomp', 'qemu-user']],
    ['EBUSY', ['PSCI', 'stuck']],
  ])('--errno %s lists all causes', (errno, causes) => {
    const { status, stdout } = runCli('explain', '--errno', errno);
    expect(status).toBe(0);
    for (const cause of causes) expect(stdout).toContain(cause);
  });

  it.each([
    [avc('kexec_image_load', 'system', 'path="/boot/vmlinuz"'), 'restorecon -v /boot/vmlinuz'],
    [avc('kexec_initramfs_load', 'system', 'path="/boot/initrd.img"'), 'allow kdump_t boot_t:system'],
    [avc('module_request', 'system', 'kmod="crypto-sha256"'), 'modprobe crypto-sha256'],
    [avc('read', 'file', 'name="vmlinuz" dev="vda1" ino=12'), 'restorecon -v vmlinuz'],
    [avc('sys_boot', 'capability', 'capability=22').replace('"kexec"', '6B65786563'), '-c kexec '],
    [
      'SELinux is preventing /usr/sbin/kexec from using the sys_boot capability. For complete messages',
      '-c kexec ',
    ],
  ])('%s', (line, cure) => {
    const [match] = explain(line);
    expect(match).toMatchObject({ cause: 'selinux-denial', severity: 'stops' });
    expect(match?.checks[0]?.cure).toContain(cure);
    expect(match?.checks[0]?.cure).toContain('audit2allow');
  });

  it('reads records as ausearch -i and auditd write them', () => {
    const interpreted =
      'type=AVC msg=audit(11/14/23 22:13:20.123:310) : avc:  denied  { sys_boot } for  pid=901 comm=kexec capability=sys_boot ' +
      'scontext=system_u:system_r:kdump_t:s0 tcontext=system_u:system_r:kdump_t:s0 tclass=capability permissive=0 ';
    expect(explain(interpreted)[0]?.checks[0]?.cure).toContain('allow kdump_t self:capability { sys_boot };');
    const enriched =
      'type=SYSCALL msg=audit(1.1:7): arch=c00000b7 syscall=999 success=no exit=-1 comm="kexec" key=(null)\u001dARCH=aarch64 SYSCALL=kexec_load AUID="root"';
    expect(explain(enriched)[0]).toMatchObject({ cause: 'kexec_load-failed', errno: 'EPERM' });
    const proc = avc('read', 'file', 'path="/proc/kcore"').replace('boot_t', 'proc_kcore_t');
    expect(explain(proc)[0]?.checks[0]?.cure).not.toContain('restorecon');
  });

  it('lists the causes of an errno that a call ended in, if no denial is in the log', () => {
    const [match] = explain('kexec_file_load failed: Permission denied');
    const causes = match?.checks.flatMap((check) => check.causes ?? []).map(({ cause }) => cause);
    expect(causes).toEqual(
      expect.arrayContaining([expect.stringContaining('SELinux'), expect.stringContaining('AppArmor')]),
    );
  });

  it('tells a denial from what is only logged, and from those of other programs', () => {
    const permissive = avc('sys_boot', 'capability').replace('permissive=0', 'permissive=1');
    expect(explain(permissive)[0]).toMatchObject({ severity: 'harmless' });
    expect(explain(permissive)[0]).not.toHaveProperty('errno');
    expect(explain(avc('read', 'file').replace('"kexec"', '"httpd"').replace('kdump_t', 'httpd_t'))).toEqual(
      [],
    );
  });

  it.each([
    [
      'audit: type=1400 audit(1700000000.1:7): apparmor="DENIED" operation="capable" class="cap" profile="/usr/sbin/kexec" pid=9 comm="kexec" capability=22  capname="sys_boot"',
      'apparmor-denial',
      'EPERM',
      'add the line "capability sys_boot,"',
    ],
    [
      'type=AVC msg=audit(1.1:7): apparmor="DENIED" operation="open" profile="kexec" name="/boot/vmlinuz" pid=9 comm="kexec" requested_mask="r" denied_mask="r" fsuid=0 ouid=0',
      'apparmor-denial',
      'EACCES',
      '"/boot/vmlinuz r,"',
    ],
    [
      'type=INTEGRITY_DATA msg=audit(1.1:7): pid=9 uid=0 auid=0 ses=1 subj=unconfined op=appraise_data cause=IMA-signature-required comm="kexec" name="/boot/vmlinuz" dev="vda1" ino=12 res=0 errno=0',
      'ima-IMA-signature-required',
      'EACCES',
      'sign kernel and initrd for IMA',
    ],
    [
      'audit: type=1800 audit(1.1:7): pid=9 uid=0 op="appraise_data" cause="invalid-signature" comm="node" name="/boot/initrd.img" dev="vda1" ino=12 res=0 errno=0',
      'ima-invalid-signature',
      'EACCES',
      'keyring',
    ],
    [
      'type=SECCOMP msg=audit(1.1:7): auid=0 uid=0 pid=9 comm="kexec" exe="/usr/sbin/kexec" sig=31 arch=c00000b7 syscall=294 compat=0 ip=0x0 code=0x80000000',
      'seccomp-denial',
      undefined,
      'outside of the container',
    ],
    [
      'type=1420 audit(1.1:7): ipe_op=KEXEC_IMAGE ipe_hook=KERNEL_READ enforcing=1 pid=9 comm="kexec" path="/boot/vmlinuz" dev="vda1" ino=12 rule="DEFAULT op=KEXEC_IMAGE action=DENY"',
      'ipe-denial',
      'EACCES',
      'dm-verity',
    ],
    [
      'LoadPin: kexec-image denied obj="/tmp/vmlinuz" pid=9 cmdline="kexec -s -l /tmp/vmlinuz"',
      'loadpin',
      undefined,
      'pinned file system',
    ],
    [
      "Sep 01 10:00:00 host systemd-sysctl[300]: Couldn't write '1' to 'kernel/kexec_load_disabled', ignoring",
      'kexec-disabled',
      undefined,
      'cannot be set back',
    ],
    ['kernel.kexec_load_limit_panic = 0', 'kexec-limit', undefined, 'can only be lowered'],
  ])('%s', (line, cause, errno, cure) => {
    const [match, ...others] = explain(line);
    expect(others).toEqual([]);
    expect(match?.cause).toBe(cause);
    expect(match?.errno).toBe(errno);
    expect(match?.checks[0]?.cure).toContain(cure);
  });

  it('reads a failed system call out of the audit log', () => {
    const record =
      'type=SYSCALL msg=audit(1.1:7): arch=c00000b7 syscall=294 success=no exit=-16 a0=3 a1=4 comm="kexec" exe="/usr/sbin/kexec"';
    expect(explain(record)).toMatchObject([{ cause: 'kexec_file_load-failed', errno: 'EBUSY' }]);
    expect(explain(record.replace('syscall=294', 'syscall=63'))).toEqual([]);
    expect(explain(record.replace('success=no exit=-16', 'success=yes exit=0'))).toEqual([]);
  });

  it('puts no name out of a log into a command if a shell would obey it', () => {
    const hostile = avc('sys_boot', 'capability')
      .replaceAll('kdump_t', 'x;reboot')
      .replace('"kexec"', '"$(reboot)"');
    const [match] = explain(hostile);
    expect(match?.checks[0]?.cure).not.toContain('reboot');
    expect(match?.checks[0]?.cure).toContain('semanage permissive -a DOMAIN');
  });
});

describe('logs in the forms that tools write', () => {
  const message = 'Initramfs unpacking failed: write error';

  it.each([
    ['dmesg', `[    0.912345] ${message}`],
    ['dmesg with the caller', `[    0.912345][    T1] ${message}`],
    ['dmesg -T', `[Sat Nov 28 18:12:11 2026] ${message}`],
    ['dmesg -x', `kern  :emerg : [    0.912345] ${message}`],
    ['dmesg -r', `<0>[    0.912345] ${message}`],
    [
      'dmesg --color',
      `\u001b[32m[    0.912345] \u001b[0m\u001b[31mInitramfs unpacking \u001b[1mfailed: write error\u001b[0m`,
    ],
    ['dmesg --json', `      "msg": "${message}"`],
    ['journalctl', `Nov 28 18:12:11 host kernel: ${message}`],
    ['journalctl -o short-iso', `2026-11-28T18:12:11+0000 host kernel: ${message}`],
    ['journalctl -o json', JSON.stringify({ PRIORITY: '0', MESSAGE: message, _TRANSPORT: 'kernel' })],
    ['journalctl -o json, bytes', JSON.stringify({ MESSAGE: [...Buffer.from(`\u001b[1m${message}`)] })],
    ['journalctl -o json-pretty', `\t"MESSAGE" : "${message}",`],
    ['journalctl -o json-sse', `data: ${JSON.stringify({ MESSAGE: message })}`],
    ['journalctl -o export', `MESSAGE=${message}`],
    ['a container runtime', JSON.stringify({ log: `${message}\n`, stream: 'stdout' })],
    ['rsyslog', `Nov 28 18:12:11 host kernel: [    0.912345] #033[0;1;31m${message}#033[0m`],
    ['a serial console', `\r[    0.912345] ${message}\r`],
    ['a file with a byte order mark', `\ufeff[    0.912345] ${message}`],
  ])('%s', (_, line) => {
    expect(causesOf(line)).toEqual(['initrd-no-space']);
  });

  it('reads records of the audit system in JSON', () => {
    const record =
      'AVC avc:  denied  { sys_boot } for  pid=9 comm="kexec" capability=22  scontext=a:b:kdump_t:s0 tcontext=a:b:kdump_t:s0 tclass=capability permissive=0';
    const [match] = explain(JSON.stringify({ MESSAGE: record, _TRANSPORT: 'audit' }));
    expect(match).toMatchObject({ cause: 'selinux-denial', text: record });
  });

  it('takes a message of several lines, and one that was cut', () => {
    expect(causesOf(JSON.stringify({ MESSAGE: `Bye!\n${message}` }))).toEqual([
      'jump-to-next',
      'initrd-no-space',
    ]);
    expect(causesOf(`{"MESSAGE":"${message}`)).toEqual(['initrd-no-space']);
  });
});

describe('logs that are no text', () => {
  const line = Buffer.from('Initramfs unpacking failed: write error\n');

  it.each<[string, Uint8Array, string]>([
    ['gzip', gzipSync(line), 'zcat '],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]), 'xzcat '],
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x20]), 'zstdcat '],
    ['bzip2', Buffer.from('BZh91AY&SY'), 'bzcat '],
    ['UTF-16', Buffer.from(`\ufeff${line}`, 'utf16le'), 'iconv -f UTF-16 -t UTF-8 '],
    ['UTF-16 without a mark', Buffer.from(line.toString(), 'utf16le'), 'iconv -f UTF-16 -t UTF-8 '],
    ['a journal', Buffer.from('LPKSHHRH\0\0\0\0'), 'journalctl --file '],
    ['a dump', Buffer.from('\x7fELF\x02\x01\x01'), 'kexec-file vmcore dmesg '],
  ])('are refused, with the command that prints them: %s', (_, bytes, command) => {
    const path = join(makeTemporaryFolder(), 'log');
    writeFileSync(path, bytes);
    const { status, stdout, stderr } = runCli('explain', '--log', path);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('(file-kind)');
    expect(stderr).toContain(`${command}${path}`);
  });
});

describe('logs that someone made to mislead', () => {
  it('lists a bounded number of causes, and says how many lines are left out', () => {
    const log = new KernelLog();
    for (let index = 0; index < 3000; index += 1)
      log.read(
        `avc:  denied  { sys_boot } for  comm="kexec" scontext=a:b:t${index}:s0 tcontext=a:b:c:s0 tclass=capability`,
      );
    expect(log.matches.length).toBe(500);
    expect(log.omitted).toBe(2500);
  });

  it.each([
    ['words without an end', `apparmor=${'a'.repeat(1 << 20)}`],
    ['equals signs', `avc: denied ${'='.repeat(1 << 20)}`],
    ['braces', `avc:  denied  {${' a'.repeat(1 << 19)}`],
    ['escapes', '\u001b['.repeat(1 << 19)],
    ['titles', '\u001b]0;'.repeat(1 << 18)],
    ['quotes', `{"MESSAGE":"${'\\"'.repeat(1 << 19)}`],
    ['bytes', `{"MESSAGE":[${'1,'.repeat(1 << 19)}`],
    ['texts that need another', 'compression method Memory '.repeat(1 << 15)],
    ['failures', 'SELinux is preventing '.repeat(1 << 15)],
  ])('reads a line of %s', (_, line) => {
    const log = new KernelLog();
    for (let count = 0; count < 20; count += 1) log.read(line);
    expect(log.lines).toBe(20);
    for (const { text } of log.matches) expect(text.length).toBeLessThanOrEqual(4096);
  });

  it('escapes what a terminal would obey', () => {
    const path = join(makeTemporaryFolder(), 'log');
    writeFileSync(
      path,
      'PEFILE: Unsigned PE binary \u001b]0;x\u0007\u009b2J\u0007\u202eok\nBye! \u001b[31m\u001b7\n',
    );
    for (const args of [[], ['--json']]) {
      const { status, stdout } = runCli('explain', '--log', path, ...args);
      expect(status).toBe(0);
      expect(stdout).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
      expect(stdout).toContain('u202eok');
    }
  });
});
