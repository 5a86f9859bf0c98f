import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import type { Arm64Machine } from '../../../src/machine/arm64/arm64-machine.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { openFile } from '../../../src/node/files/read-file.js';
import { loadTrustStore } from '../../../src/node/keys/keyrings.js';
import { loadFiles } from '../../../src/node/live/load-files.js';
import { LoadRefusedError } from '../../../src/node/live/load-refused-error.js';
import type { LiveLoad } from '../../../src/node/live/load-request.js';
import {
  callKexecFileLoad,
  type FileLoad,
  probeNoCmaFlag,
} from '../../../src/node/live/system-calls/kexec-file-load.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { corpus } from '../../support/corpus.js';
import { buildUki, gzipKernel } from '../../support/kernel-files.js';
import { buildMachine } from '../../support/machine.js';

vi.mock('../../../src/node/live/system-calls/kexec-file-load.js');
// In the place of memfd_create(2), which is called on arm64 alone: files that are open and have no name any more.
vi.mock('../../../src/node/live/system-calls/memory-file.js', () => ({
  openMemoryFile: async (_: string, bytes: Uint8Array) => {
    const path = join(makeTemporaryFolder(), 'memory');
    writeFileSync(path, bytes);
    return openFile(path);
  },
}));
const call = vi.mocked(callKexecFileLoad);
const probe = vi.mocked(probeNoCmaFlag);
beforeEach(() => {
  call.mockReset();
  probe.mockReset();
});

const kernelSays = new KexecError('kexec-file-load', 'EKEYREJECTED', 'the call');
const shim = { keyrings: [corpus.shim()] };

function tampered(): string {
  const path = join(makeTemporaryFolder(), 'tampered');
  const kernel = readFileSync(corpus.cloudKernel());
  kernel[kernel.length >> 1] = (kernel[kernel.length >> 1] as number) ^ 1;
  writeFileSync(path, kernel);
  return path;
}

/** Debian's kernel less its last half: what the kernel's PE code would read past. */
function cut(): string {
  const path = join(makeTemporaryFolder(), 'cut');
  writeFileSync(path, readFileSync(corpus.cloudKernel()).subarray(0, 5_000_000));
  return path;
}

function load(kernel: string, more: Partial<LiveLoad> = {}, machine: Partial<Arm64Machine> = {}) {
  const wanted: LiveLoad = {
    kernel,
    options: {},
    syscall: 'file',
    policy: 'enforce',
    trust: shim,
    ...more,
  };
  const { options, policy } = wanted;
  const trust = { store: loadTrustStore(shim, nodeHashes), policy, hashes: nodeHashes };
  return loadFiles(wanted, { options, trust }, buildMachine(machine));
}

describe('loadFiles', () => {
  it.each(['force', 'checked', 'none'] as const)(
    'passes the verified bytes under enforce, if the file is written to meanwhile: kernel signatures %s',
    async (kexecSignature) => {
      const path = join(makeTemporaryFolder(), 'kernel');
      const bytes = readFileSync(corpus.cloudKernel());
      writeFileSync(path, bytes);
      let isSame: boolean | undefined;
      call.mockImplementation(async ({ kernel: descriptor }: FileLoad) => {
        writeFileSync(path, 'another kernel');
        isSame = readFileSync(`/proc/self/fd/${descriptor}`).equals(bytes);
      });
      await load(path, {}, { kexecSignature, lockdown: 'integrity' });
      expect(isSame).toBe(true);
    },
  );

  it('explains a refusal of IMA, which finds no security.ima at a file in memory', async () => {
    call.mockRejectedValue(new KexecError('kexec-file-load', 'EACCES', 'the call'));
    await expect(load(corpus.cloudKernel())).rejects.toMatchObject({
      errno: 'EACCES',
      seen: expect.stringContaining('security.ima'),
    });
    await expect(load(corpus.cloudKernel(), { policy: 'as-kernel' })).rejects.toMatchObject({
      errno: 'EACCES',
      seen: expect.not.stringContaining('files in memory'),
    });
  });

  it('keeps segments out of the CMA area if the kernel knows how, unless --cma is given', async () => {
    probe.mockResolvedValue(true);
    for (const [cma, noCma] of [
      [undefined, true],
      [false, true],
      [true, false],
    ] as const) {
      await load(corpus.cloudKernel(), { policy: 'permissive', options: { cma } });
      expect(call).toHaveBeenLastCalledWith(expect.objectContaining({ noCma }));
    }
  });

  it('passes the descriptors that it read from to the kernel, and closes them', async () => {
    const initrd = join(makeTemporaryFolder(), 'initrd');
    writeFileSync(initrd, 'the initrd');
    let read: string | undefined;
    call.mockImplementation(async ({ initrd: descriptor }: FileLoad) => {
      // As the kernel does: the same file, though its path is gone by now.
      rmSync(initrd);
      read = readFileSync(`/proc/self/fd/${descriptor}`, 'utf8');
    });
    const { syscall, kimage, trail } = await load(corpus.cloudKernel(), {
      initrd,
      policy: 'permissive',
      options: { commandLine: 'quiet' },
    });
    expect(read).toBe('the initrd');
    expect(call).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        kernel: expect.any(Number),
        initrd: expect.any(Number),
        commandLine: 'quiet',
        type: 'default',
        debug: false,
      }),
    );
    const [{ kernel }] = call.mock.calls[0] as [FileLoad];
    expect(() => readFileSync(kernel)).toThrow('EBADF');
    expect(syscall).toBe('file');
    expect(kimage?.segments.map(({ name }) => name)).toEqual(['kernel', 'initrd', 'dtb']);
    expect(kimage?.entry).toBe(kimage?.segments[0]?.mem);
    expect(trail.at(-1)).toMatchObject({ check: 'kexec-file-load', verdict: 'ok' });
  });

  it('does not ask the kernel under enforce if the signature is invalid', async () => {
    const refusal = load(tampered());
    await expect(refusal).rejects.toThrow(LoadRefusedError);
    await expect(refusal).rejects.toMatchObject({ check: 'pe-digest', errno: 'EKEYREJECTED' });
    expect(call).not.toHaveBeenCalled();
  });

  it('lets the kernel decide under the other policies, and notes the prediction', async () => {
    const taken = await load(tampered(), { policy: 'permissive' }, { kexecSignature: 'force' });
    expect(call).toHaveBeenCalledOnce();
    expect(taken.kimage).toBeUndefined();
    expect(taken.trail.slice(-2)).toMatchObject([
      {
        check: 'pe-digest',
        verdict: 'note',
        detail: expect.stringMatching(/^the prediction was EKEYREJECTED: /),
      },
      {
        check: 'kexec-file-load',
        verdict: 'ok',
        detail: 'the kernel accepted the files, although a refusal was predicted',
      },
    ]);
    call.mockRejectedValue(kernelSays);
    await expect(
      load(tampered(), { policy: 'as-kernel' }, { kexecSignature: 'force' }),
    ).rejects.toMatchObject({
      check: 'pe-digest',
      errno: 'EKEYREJECTED',
      seen: expect.stringMatching(/the call, as predicted$/),
    });
  });

  it('never passes a truncated PE file to the kernel', async () => {
    await expect(load(cut(), { policy: 'permissive' }, { kexecSignature: 'none' })).rejects.toMatchObject({
      check: expect.stringMatching(/^pe-/),
    });
    expect(call).not.toHaveBeenCalled();
  });

  it('lets the kernel decide what depends on the machine, even under enforce', async () => {
    const { kimage, trail } = await load(corpus.cloudKernel(), {}, { memory: [{ start: 0n, end: 4096n }] });
    expect(call).toHaveBeenCalledOnce();
    expect(kimage).toBeUndefined();
    expect(trail.filter(({ verdict }) => verdict === 'refused')).toEqual([]);
  });

  describe('of a file that is not an Image', () => {
    const kernel = readFileSync(corpus.cloudKernel());
    const file = (contents: Uint8Array): string => {
      const path = join(makeTemporaryFolder(), 'kernel');
      writeFileSync(path, contents);
      return path;
    };
    const uki = () =>
      file(buildUki(corpus.stub(), { '.cmdline': 'a=b', '.initrd': 'its own', '.linux': kernel }));
    /** What the kernel would read through the descriptors, in a digest and in text. */
    const readings = () => {
      const read: { kernel?: boolean; initrd?: string } = {};
      call.mockImplementation(async ({ kernel: descriptor, initrd }: FileLoad) => {
        read.kernel = readFileSync(`/proc/self/fd/${descriptor}`).equals(kernel);
        if (initrd !== undefined) read.initrd = readFileSync(`/proc/self/fd/${initrd}`, 'utf8');
      });
      return read;
    };

    it('passes the Image in the file, which is verified once, and notes it', async () => {
      const read = readings();
      const { kimage, trail } = await load(file(gzipKernel(kernel)), {
        options: { commandLine: 'quiet' },
      });
      expect(read).toEqual({ kernel: true });
      expect(kimage?.segments.map(({ name }) => name)).toEqual(['kernel', 'dtb']);
      expect(trail).toContainEqual({
        check: 'kernel-file',
        verdict: 'note',
        detail: expect.stringContaining('kexec_file_load takes only an Image'),
      });
      expect(trail.filter(({ check }) => check === 'pe-digest')).toHaveLength(1);
      const [{ kernel: descriptor }] = call.mock.calls[0] as [FileLoad];
      expect(() => readFileSync(descriptor)).toThrow('EBADF');
    });

    it("passes a UKI's initrd and command line, unless others are given", async () => {
      const read = readings();
      await load(uki(), { policy: 'permissive' });
      expect(read).toEqual({ kernel: true, initrd: 'its own' });
      expect(call).toHaveBeenLastCalledWith(expect.objectContaining({ commandLine: 'a=b' }));
      await load(uki(), {
        policy: 'permissive',
        options: { commandLine: 'c' },
        initrd: file(Buffer.from('given')),
      });
      expect(read).toEqual({ kernel: true, initrd: 'given' });
      expect(call).toHaveBeenLastCalledWith(expect.objectContaining({ commandLine: 'c' }));
    });

    it('does not ask the kernel under enforce if an unsigned UKI contains an initrd', async () => {
      await expect(load(uki())).rejects.toMatchObject({ check: 'pe-signed', errno: 'ENODATA' });
      expect(call).not.toHaveBeenCalled();
    });

    it('does not ask the kernel under any policy if no Image can be extracted', async () => {
      const cutShort = file(gzipKernel(kernel).subarray(0, 1_000_000));
      await expect(load(cutShort, { policy: 'permissive' })).rejects.toMatchObject({
        check: 'compressed-data',
        errno: 'EBADMSG',
      });
      const another = load(corpus.cloudKernel(), { options: { kernelType: 'uki' }, policy: 'permissive' });
      await expect(another).rejects.toMatchObject({ check: 'kernel-file', errno: 'ENOEXEC' });
      expect(call).not.toHaveBeenCalled();
    });
  });

  it('does not ask the kernel if a file does not exist', async () => {
    await expect(load(corpus.cloudKernel(), { initrd: '/nonexistent' })).rejects.toMatchObject({
      check: 'file-access',
      errno: 'ENOENT',
    });
    expect(call).not.toHaveBeenCalled();
  });

  it.each([
    ['6.8.0', true],
    ['7.1.2-generic', true],
    ['6.1.0-44-arm64', false],
    [undefined, false],
  ])('asks Linux %s for its log: %s', async (release, asked) => {
    const kernel = release === undefined ? {} : { release };
    const { trail } = await load(corpus.cloudKernel(), { debug: true }, { kernel });
    expect(call).toHaveBeenCalledWith(expect.objectContaining({ debug: asked }));
    expect(trail.some(({ detail }) => detail.startsWith('--debug'))).toBe(!asked);
  });
});
