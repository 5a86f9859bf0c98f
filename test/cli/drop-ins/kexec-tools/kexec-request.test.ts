import { describe, expect, it } from 'vitest';
import { listOptions } from '../../../../src/cli/drop-ins/kexec-tools/kexec-options.js';
import {
  type KexecRequest,
  type LoadWishes,
  type RunRequest,
  readRequest as readRequestOn,
} from '../../../../src/cli/drop-ins/kexec-tools/kexec-request.js';

const NO_WISHES: LoadWishes = { reuseCommandLine: false, certs: [], keyrings: [], dbx: [] };

const BARE: RunRequest = {
  action: 'run',
  type: 'default',
  syscall: 'auto',
  unload: false,
  load: true,
  start: 'shutdown',
  sync: true,
  interfacesDown: true,
  debug: false,
  how: NO_WISHES,
  notes: [],
};

const OPTIONS = listOptions('arm64');

function readRequest(args: readonly string[]): KexecRequest {
  return readRequestOn(args, { architecture: 'arm64', posixlyCorrect: false });
}

type Changes = Omit<Partial<RunRequest>, 'how'> & { readonly how?: Partial<LoadWishes> };

function run({ how = {}, ...changes }: Changes): RunRequest {
  return { ...BARE, ...changes, how: { ...NO_WISHES, ...how } };
}

describe('readRequest: actions, in kexec-tools’ order', () => {
  it.each<[string, Changes]>([
    ['K', { how: { kernel: 'K' } }],
    ['-l K', { start: 'no', how: { kernel: 'K' } }],
    ['--load K', { start: 'no', how: { kernel: 'K' } }],
    ['-l', { start: 'no' }],
    ['-p K', { type: 'crash', start: 'no', how: { kernel: 'K' } }],
    ['--load-panic K', { type: 'crash', start: 'no', how: { kernel: 'K' } }],
    ['-p -l K', { type: 'crash', start: 'no', how: { kernel: 'K' } }],
    ['-f K', { start: 'exec', how: { kernel: 'K' } }],
    ['--force K', { start: 'exec', how: { kernel: 'K' } }],
    ['-l -f K', { start: 'exec', how: { kernel: 'K' } }],
    ['-f -l K', { start: 'no', how: { kernel: 'K' } }],
    ['-e', { load: false, start: 'exec' }],
    ['--exec', { load: false, start: 'exec' }],
    ['-l -e', { load: false, start: 'exec' }],
    ['-e -l K', { start: 'no', how: { kernel: 'K' } }],
    ['-u', { unload: true, load: false, start: 'no' }],
    ['--unload', { unload: true, load: false, start: 'no' }],
    ['-p -u', { type: 'crash', unload: true, load: false, start: 'no' }],
    // As there: -p asks for a load again.
    ['-u -p K', { type: 'crash', unload: true, start: 'no', how: { kernel: 'K' } }],
    ['-e -u', { unload: true, load: false, start: 'exec' }],
    ['-e -x -y', { load: false, start: 'exec', sync: false, interfacesDown: false }],
    ['--no-ifdown --no-sync -e', { load: false, start: 'exec', sync: false, interfacesDown: false }],
  ])('kexec %s', (line, changes) => {
    expect(readRequest(line.split(' '))).toEqual(run(changes));
  });

  it.each([
    ['-S', 'crash'],
    ['--status', 'crash'],
    ['-p -S', 'crash'],
    ['-S -l', 'default'],
    ['-l -S', 'default'],
    ['-l -p -S', 'crash'],
    ['-d -S', 'crash'],
    ['-e -S', 'crash'],
  ])('kexec %s asks for the status of the %s kernel', (line, type) => {
    expect(readRequest(line.split(' '))).toEqual({ action: 'status', type });
  });

  it.each([
    ['-h', 'help'],
    ['--help', 'help'],
    ['-v', 'version'],
    ['--version', 'version'],
    ['--print-ckr-size', 'print-crash-size'],
    ['-l K -v --bogus', 'version'],
    ['--print-ckr-size -Z', 'print-crash-size'],
  ])('kexec %s answers at once', (line, action) => {
    expect(readRequest(line.split(' '))).toEqual({ action });
  });
});

describe('readRequest: how to load', () => {
  it.each<[readonly string[], Changes]>([
    [['-s'], { syscall: 'file' }],
    [['--kexec-file-syscall'], { syscall: 'file' }],
    [['-c'], { syscall: 'segments' }],
    [['--kexec-syscall'], { syscall: 'segments' }],
    [['-a'], { syscall: 'auto' }],
    [['--kexec-syscall-auto'], { syscall: 'auto' }],
    [['-s', '-a', '-c'], { syscall: 'segments' }],
    [['-d'], { debug: true }],
    [['--debug'], { debug: true }],
    [['--append=a b'], { how: { append: 'a b' } }],
    [['--command-line', 'a b'], { how: { append: 'a b' } }],
    [['--append=a', '--command-line=b'], { how: { append: 'b' } }],
    [['--append='], { how: { append: '' } }],
    [['--reuse-cmdline'], { how: { reuseCommandLine: true } }],
    [['--initrd=F'], { how: { initrd: 'F' } }],
    [['--ramdisk', 'F'], { how: { initrd: 'F' } }],
    [['--initrd=F', '--ramdisk=G'], { how: { initrd: 'G' } }],
    [['--dtb=F'], { how: { dtb: 'F' } }],
    [['-t', 'Image'], { how: { kind: 'Image' } }],
    [['-tvmlinux'], { how: { kind: 'vmlinux' } }],
    [['--type=uki'], { how: { kind: 'uki' } }],
    [['--mem-min=0x40000000'], { how: { memMin: 0x4000_0000n } }],
    [['--mem-max', '4096'], { how: { memMax: 4096n } }],
    [['--mem-max=0777'], { how: { memMax: 0o777n } }],
    [['--mem-min=', '--entry=0'], { how: { memMin: 0n, entry: 0n } }],
    [['--entry= +0X10'], { how: { entry: 16n } }],
    [['--mem-max=0xffffffffffffffff'], { how: { memMax: 0xffff_ffff_ffff_ffffn } }],
    [['-i'], { how: { checks: false } }],
    [['--no-checks'], { how: { checks: false } }],
    [['--no-cma'], { how: { cma: false } }],
    [['--force-dtb'], {}],
    [['--policy=enforce', '--cert=A', '--cert=B'], { how: { policy: 'enforce', certs: ['A', 'B'] } }],
    [['--keyring=db:K', '--dbx', 'X'], { how: { keyrings: ['db:K'], dbx: ['X'] } }],
  ])('kexec -l K %j', (args, { how, ...changes }) => {
    const expected = run({ start: 'no', ...changes, how: { kernel: 'K', ...how } });
    expect(readRequest(['-l', 'K', ...args])).toEqual(expected);
  });

  it.each([
    ['--mem-min=08', /^--mem-min takes an address/],
    ['--mem-min=5z', /5z is none/],
    ['--mem-max=-1', /^--mem-max takes an address/],
    ['--mem-max=0x', /^--mem-max takes an address/],
    ['--entry=0x10000000000000000', /^--entry takes an address of 64 bits/],
    ['--policy=strict', /enforce, permissive, as-kernel/],
    ['--bogus', /--bogus/],
    ['-?', /-\?/],
    ['--re', /--reuse-cmdline, --reuseinitrd/],
    ['--kexec-s', /--kexec-syscall, --kexec-syscall-auto/],
    ['--args-linux', /--args-linux/],
  ])('kexec -l K %s is wrong usage', (option, message) => {
    expect(readRequest(['-l', 'K', option])).toEqual({
      action: 'mistake',
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['--reuseinitrd', /^--reuseinitrd is refused: .*retain_initrd/],
    ['--load-preserve-context', /^--load-preserve-context is refused: .*CONFIG_KEXEC_JUMP/],
    ['--load-jump-back-helper', /^--load-jump-back-helper is refused: .*CONFIG_KEXEC_JUMP/],
    ['--load-live-update', /^--load-live-update is refused: .*Xen/],
    ['--exec-live-update', /^--exec-live-update is refused: .*Xen/],
    ['--hotplug', /^--hotplug is refused: .*CONFIG_CRASH_HOTPLUG/],
    ['--serial=ttyAMA0', /^--serial is refused: .*purgatory/],
  ])('kexec %s is refused, with the reason', (option, reason) => {
    const message = expect.stringMatching(reason);
    expect(readRequest(['-l', 'K', option])).toEqual({ action: 'refuse', message });
  });

  it('notes arguments without effect', () => {
    const notesOf = (line: string) => (readRequest(line.split(' ')) as RunRequest).notes;
    expect(notesOf('-l K L M')).toEqual(['L has no effect', 'M has no effect']);
    expect(notesOf('-u K --initrd=F')).toEqual([
      'K has no effect without a load',
      '--initrd has no effect without a load',
    ]);
    expect(notesOf('-s -p -u')).toEqual([]);
    expect(notesOf('-d -e -x -y')).toEqual([]);
  });
});

describe('the table of options', () => {
  it('has every name and letter once', () => {
    const names = OPTIONS.flatMap((option) => option.names);
    const letters = OPTIONS.flatMap(({ letter }) => (letter === undefined ? [] : [letter]));
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(letters).size).toBe(letters.length);
  });

  it('has those of kexec-tools on arm64, with their letters', () => {
    const letters = OPTIONS.flatMap(({ letter }) => letter ?? [])
      .sort()
      .join('');
    expect(letters).toBe('Sacdefhilpstuvxy');
    const withArgument = OPTIONS.filter(({ argument, isUnabbreviated }) => argument && !isUnabbreviated);
    expect(withArgument.flatMap(({ names }) => names).sort()).toEqual([
      'append',
      'command-line',
      'dtb',
      'entry',
      'initrd',
      'mem-max',
      'mem-min',
      'ramdisk',
      'serial',
      'type',
    ]);
  });
});
