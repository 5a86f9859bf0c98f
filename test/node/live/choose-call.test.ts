import { describe, expect, it, vi } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { chooseCall, type Questions } from '../../../src/node/live/choose-call.js';
import type { LiveLoad } from '../../../src/node/live/load-request.js';
import { requestForCall } from '../../../src/node/live/request-for-call.js';

const LOAD: LiveLoad = { kernel: 'k', options: {}, syscall: 'auto', policy: 'enforce', trust: {} };
const answering = (probe: boolean | KexecError, symbols?: boolean): Questions => ({
  probe: vi.fn(() => Promise.resolve(probe)),
  readSymbols: () => symbols,
});
const there = answering(true);
const missing = answering(false);
const NEEDS_SEGMENTS: readonly [string, Partial<LiveLoad>][] = [
  ['--dtb', { dtb: 'board.dtb' }],
  ['--mem-min or --mem-max', { options: { window: { start: 0n, end: 1n } } }],
  ['--entry', { options: { entry: 0n } }],
  ['--rules v3', { options: { rules: 'v3' } }],
  ['--randomize', { options: { randomize: true } }],
  ['--noefi', { options: { efi: false } }],
  ['--serial', { options: { purgatory: { serial: 'none' } } }],
];

describe('chooseCall', () => {
  it('chooses kexec_file_load if the kernel has it, else kexec_load', async () => {
    expect(await chooseCall(LOAD, {}, there)).toBe('file');
    expect(await chooseCall(LOAD, {}, missing)).toBe('segments');
  });

  it.each(['file', 'segments'] as const)('does not probe if --syscall %s is given', async (syscall) => {
    const questions = answering(true);
    expect(await chooseCall({ ...LOAD, syscall }, {}, questions)).toBe(syscall);
    expect(questions.probe).not.toHaveBeenCalled();
  });

  it.each(NEEDS_SEGMENTS)('never ignores %s', async (name, options) => {
    const load = { ...LOAD, ...options };
    const refusal = { check: 'live-option', errno: 'EINVAL', seen: expect.stringContaining(name) };
    await expect(chooseCall({ ...load, syscall: 'file' }, {}, there)).rejects.toMatchObject(refusal);
    await expect(chooseCall(load, {}, there)).rejects.toMatchObject(refusal);
    expect(await chooseCall(load, {}, missing)).toBe('segments');
    expect(await chooseCall({ ...load, syscall: 'segments' }, {}, there)).toBe('segments');
  });

  it('throws the error of a probe that is not permitted', async () => {
    const error = new KexecError('kexec-file-load', 'EPERM', 'seccomp');
    await expect(chooseCall(LOAD, {}, answering(error))).rejects.toBe(error);
  });

  it('does not use up a limited call: it probes with the other type, or reads the symbols', async () => {
    const questions = answering(true, false);
    await chooseCall(LOAD, { limitReboot: 1, limitPanic: -1 }, questions);
    expect(questions.probe).toHaveBeenLastCalledWith('crash');
    await chooseCall({ ...LOAD, options: { type: 'crash' } }, { limitReboot: -1, limitPanic: 1 }, questions);
    expect(questions.probe).toHaveBeenLastCalledWith('default');
    expect(await chooseCall(LOAD, { limitReboot: 2, limitPanic: 1 }, questions)).toBe('segments');
    expect(questions.probe).toHaveBeenCalledTimes(2);
    await expect(chooseCall(LOAD, { limitReboot: 2, limitPanic: 1 }, there)).rejects.toMatchObject({
      check: 'live-option',
      seen: expect.stringContaining('use --syscall'),
    });
  });
});

describe('the request for a call', () => {
  const kernel = new Uint8Array();

  it.each(['6.12', '7.3'] as const)('may ask for the rules of a release of kexec_file_load: %s', (rules) => {
    expect(requestForCall({ kernel, options: { rules } }, 'file').options).toMatchObject({ rules });
    expect(() => requestForCall({ kernel, options: { rules: 'v3' } }, 'file')).toThrow(
      expect.objectContaining({ check: 'live-option' }),
    );
  });

  it('has no purgatory for kexec_file_load, and is as it was for kexec_load', () => {
    const request = { kernel, options: { purgatory: { checks: true }, commandLine: 'quiet' } };
    expect(requestForCall(request, 'segments').options).toEqual({ ...request.options, call: 'segments' });
    expect(requestForCall(request, 'file').options).toEqual({
      call: 'file',
      purgatory: false,
      commandLine: 'quiet',
    });
  });

  it.each(NEEDS_SEGMENTS.filter(([name]) => name !== '--dtb'))(
    'of kexec_file_load refuses %s',
    (name, load) => {
      const request = { kernel, options: load.options };
      expect(() => requestForCall(request, 'file')).toThrow(name);
      expect(requestForCall(request, 'segments').options).toMatchObject(load.options ?? {});
    },
  );
});
