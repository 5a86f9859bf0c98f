import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../../src/base/error.js';
import type { LoadCall } from '../../../../src/kexec/load-options.js';
import { LoadRefusedError } from '../../../../src/node/live/load-refused-error.js';
import type { LiveLoad } from '../../../../src/node/live/load-request.js';
import { type Fake, runOnFake as run, TRAIL } from './fake-host.js';

describe('kexec as kexec-tools: what is done, and the exit code', () => {
  it.each<[string, Fake, number, readonly string[]]>([
    ['-l K', {}, 0, ['load default']],
    ['-p K', {}, 0, ['load crash']],
    ['K', {}, 0, ['load default', 'shutdown']],
    ['K', { shutdownCode: 3 }, 3, ['load default', 'shutdown']],
    ['-f K', {}, 255, ['load default', 'sync', 'interfaces down', 'kexec']],
    ['-f -x -y K', {}, 255, ['load default', 'kexec']],
    ['-e', { loaded: true }, 255, ['sync', 'interfaces down', 'kexec']],
    ['-e -x', { loaded: true }, 255, ['sync', 'kexec']],
    ['-e -y', { loaded: true }, 255, ['interfaces down', 'kexec']],
    ['-e', {}, 1, []],
    ['-u', {}, 0, ['unload default auto']],
    ['-p -u', {}, 0, ['unload crash auto']],
    ['-s -p -u', {}, 0, ['unload crash file']],
    ['-c -u', {}, 0, ['unload default segments']],
    ['-u -p K', {}, 0, ['unload crash auto', 'load crash']],
    ['-p K', { crashSize: 0n }, 1, []],
    ['-p', { crashSize: 0n }, 1, []],
    ['-p -u', { crashSize: 0n }, 0, ['unload crash auto']],
    ['-l', {}, 255, []],
    ['-l -t vmlinux K', {}, 0, ['load default']],
    ['-l -t bogus K', {}, 255, []],
    ['-l -t Image K', {}, 0, ['load default']],
    ['-S', {}, 0, []],
    ['-S', { crashLoaded: true }, 1, []],
    ['-S', { loaded: true }, 0, []],
    ['-l -S', { loaded: true }, 1, []],
    ['-l -S', { crashLoaded: true }, 0, []],
    ['-l K --hotplug', {}, 1, []],
    ['-l K --bogus', {}, 1, []],
    ['-h', {}, 0, []],
    ['-v', {}, 0, []],
    ['--print-ckr-size', {}, 0, []],
  ])('kexec %s on %o: %i, %j', async (line, fake, code, done) => {
    expect(await run(line, fake)).toMatchObject({ code, done });
  });

  it('prints what scripts read, on standard output', async () => {
    expect((await run('-v')).output).toMatch(/^kexec-tools \d+\.\d+\.\d+ \(kexec-file 1\.2\.3\)\n$/);
    expect((await run('--print-ckr-size')).output).toBe('268435456\n');
    expect((await run('--print-ckr-size', { crashSize: 0n })).output).toBe('0\n');
    expect((await run('-h')).output).toMatch(/^Usage: kexec /);
  });

  it('prints nothing if all is well', async () => {
    expect(await run('-p K --initrd=F --append=x')).toMatchObject({ output: '', errors: '' });
    expect(await run('-S', { crashLoaded: true })).toMatchObject({ output: '', errors: '' });
  });

  it('prints the mistake, and where the usage is, in one line', async () => {
    for (const [line, fault] of [
      ['-l K --bogus', 'there is no option --bogus; kexec --help lists the options\n'],
      ['-l', 'no KERNEL was given; kexec --help lists the options\n'],
    ] as const) {
      const { output, errors } = await run(line);
      expect(errors).toBe(fault);
      expect(output).toBe('');
    }
  });

  it('names the refused option', async () => {
    expect((await run('-l K --hotplug')).errors).toMatch(/^--hotplug is refused: /);
    expect((await run('-l K -t multiboot-x86')).errors).toMatch(
      /^--type multiboot-x86 is refused: the types of kernels are vmlinux, Image, uImage, vmlinuz, zImage, uki, bzImage, bzImage64$/m,
    );
    expect((await run('-p K', { crashSize: 0n })).errors).toContain('crashkernel=');
    expect((await run('-e')).errors).toContain('no kernel is loaded');
    expect((await run('K', { shutdownCode: undefined })).errors).toContain('shutdown(8)');
  });

  it('fails with 255 and the refusal, and starts nothing', async () => {
    const loadError = new KexecError('kexec-load', 'EBUSY', 'CPUs are stuck');
    for (const line of ['-l K', '-p K', '-f K', 'K']) {
      expect(await run(line, { loadError })).toMatchObject({
        code: 255,
        done: [],
        errors: 'EBUSY: CPUs are stuck\n',
      });
    }
  });

  it('continues if an interface stays up, and says so', async () => {
    const { done, errors } = await run('-e', { loaded: true, staysUp: ['eth0 stays up'] });
    expect(done).toEqual(['sync', 'interfaces down', 'kexec']);
    expect(errors).toMatch(/^eth0 stays up\n/);
  });

  it('prints the checks, the system call and the signature with -d', async () => {
    expect((await run('-d -l K')).errors).toBe(
      'ok signature\nloaded by kexec_load(2)\nsignature: signed by a friend\n',
    );
    expect((await run('-d -l K', { call: 'file' })).errors).toContain('loaded by kexec_file_load(2)\n');
    const refused = new KexecError('image-magic', 'EINVAL', 'a script');
    const loadError = new LoadRefusedError(refused, TRAIL);
    expect((await run('-d -l K', { loadError })).errors).toBe(
      'ok signature\nrefused image-magic\nEINVAL: a script\n',
    );
    expect((await run('-l K', { loadError })).errors).toBe('EINVAL: a script\n');
  });
});

describe('kexec as kexec-tools: what is loaded', () => {
  it('passes every option on', async () => {
    const args = [
      ...['-l', 'K', '--initrd=F', '--append=a  b', '--dtb=D', '-c', '-i', '-d'],
      ...['--mem-min=0x1000', '--mem-max=0x1fff', '--entry=0x1800'],
      ...['--policy=permissive', '--cert=C', '--keyring=db:R', '--dbx=X'],
    ];
    expect((await run(args)).loads).toEqual([
      {
        kernel: 'K',
        initrd: 'F',
        options: {
          type: 'default',
          commandLine: 'a  b',
          window: { start: 0x1000n, end: 0x2000n },
          entry: 0x1800n,
          purgatory: { checks: false },
        },
        dtb: 'D',
        syscall: 'segments',
        policy: 'permissive',
        trust: { certs: ['C'], keyrings: ['db:R'], dbx: ['X'] },
        debug: true,
      },
    ]);
  });

  it.each<[string, Partial<LiveLoad>]>([
    [
      '-l K',
      {
        policy: 'as-kernel',
        debug: false,
        options: { window: undefined, entry: undefined, purgatory: { checks: undefined } },
      },
    ],
    ['-l K --cert=C', { policy: 'enforce' }],
    ['-l K --keyring=R', { policy: 'enforce' }],
    ['-l K --cert=C --policy=as-kernel', { policy: 'as-kernel' }],
    ['-l K --entry=0', { options: { entry: undefined } }],
    ['-l K -t uImage', { options: { kernelType: 'uImage' } }],
    ['-l K --type=bzImage64', { options: { kernelType: 'bzImage64' } }],
    ['-l K --mem-min=0x1000', { options: { window: { start: 0x1000n, end: 1n << 64n } } }],
    ['-l K --mem-max=0xffffffffffffffff', { options: { window: { start: 0n, end: 1n << 64n } } }],
  ])('kexec %s', async (line, { options = {}, ...load }) => {
    expect((await run(line)).loads).toEqual([
      expect.objectContaining({ ...load, options: expect.objectContaining(options) }),
    ]);
  });

  it.each<[LoadCall, string, string | undefined]>([
    ['segments', '-l K --append=x', 'x'],
    ['segments', '-l K --append=x --command-line=y', 'y'],
    ['segments', '-l K --append=', ''],
    ['segments', '-l K --reuse-cmdline', 'root=/dev/vda1 crashkernel=256M quiet'],
    ['segments', '-p K --reuse-cmdline', 'root=/dev/vda1 quiet'],
    ['segments', '-p K --reuse-cmdline --append=1', 'root=/dev/vda1 quiet 1'],
    ['segments', '-p K --append=1 --reuse-cmdline', 'root=/dev/vda1 quiet 1'],
    ['file', '-l K --reuse-cmdline --append=1', 'root=/dev/vda1 crashkernel=256M quiet 1'],
    ['file', '-l K', undefined],
  ])('by %s, the command line of kexec %s is %j', async (call, line, commandLine) => {
    expect((await run(line, { call })).loads).toEqual([
      expect.objectContaining({ options: expect.objectContaining({ commandLine }), syscall: call }),
    ]);
  });

  // kexec_load leaves what is in the device tree, and kexec_file_load takes it out.
  it.each<[LoadCall, string, string | undefined]>([
    ['segments', '-l K', 'root=/dev/vda1 crashkernel=256M quiet'],
    ['segments', '-p K', 'root=/dev/vda1 quiet'],
    ['file', '-l K', undefined],
  ])(
    "by %s, the command line of kexec %s is a UKI's, or else %j",
    async (call, line, fallbackCommandLine) => {
      const [load] = (await run(line, { call })).loads;
      expect(load?.options.commandLine).toBeUndefined();
      expect(load?.options.fallbackCommandLine).toBe(fallbackCommandLine);
    },
  );

  it('refuses a window that ends before it starts', async () => {
    const { code, loads, errors } = await run('-l K --mem-min=0x2000 --mem-max=0x1000');
    expect({ code, loads }).toEqual({ code: 255, loads: [] });
    expect(errors).toContain('EINVAL');
  });
});
