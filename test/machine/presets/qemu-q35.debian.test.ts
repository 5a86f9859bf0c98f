import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { kexecFileLoad } from '../../../src/kexec/file-load.js';
import { PRESETS } from '../../../src/machine/presets/presets.js';
import { corpus } from '../../support/corpus.js';

it("the preset qemu-q35 has all that a plan of Debian's kernel needs", () => {
  const kernel = new Uint8Array(readFileSync(corpus.x86CloudKernel()));
  const request = { kernel, options: { commandLine: 'quiet' } };
  const result = kexecFileLoad(request, PRESETS['qemu-q35']());
  if ('refusal' in result) throw result.refusal;
  expect(result.kimage.segments.map(({ name, mem }) => [name, mem])).toEqual([
    ['purgatory', 0x7ffd_a000n],
    ['boot-params', 0x7ffd_8000n],
    ['kernel', 0x7c60_0000n],
  ]);
});
