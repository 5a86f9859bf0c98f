import { describe, expect, expectTypeOf, it } from 'vitest';
import { type LoadArguments, readLoadOptions } from '../../src/cli/options/load-arguments.js';
import type { LoadOptions } from '../../src/kexec/load-options.js';
import type { LoadRequest } from '../../src/kexec/request.js';
import type { LiveLoad } from '../../src/node/live/load-request.js';
import { type ClonedRequest, cloneRequest } from '../../src/node/preflight/preflight-job.js';

const OPTIONS: Required<LoadOptions> = {
  type: 'crash',
  kernelType: 'uki',
  commandLine: 'quiet',
  fallbackCommandLine: 'ro',
  rules: 'v3',
  call: 'segments',
  cma: false,
  efi: false,
  randomize: 7n,
  window: { start: 0n, end: 1n << 40n },
  entry: 4096n,
  purgatory: { checks: false },
  hotplug: true,
  strict: true,
};

describe('the options of a load', () => {
  it('are contained in every later form of a load, and not copied field by field', () => {
    expectTypeOf<NonNullable<LoadRequest['options']>>().toEqualTypeOf<LoadOptions>();
    expectTypeOf<LiveLoad['options']>().toEqualTypeOf<LoadOptions>();
    expectTypeOf<NonNullable<ClonedRequest['options']>>().toEqualTypeOf<LoadOptions>();
    expectTypeOf<keyof LoadRequest & keyof LoadOptions>().toBeNever();
    expectTypeOf<keyof LiveLoad & keyof LoadOptions>().toBeNever();
    expectTypeOf<keyof ClonedRequest & keyof LoadOptions>().toBeNever();
  });

  it('are plain data, so that another thread gets them unchanged', () => {
    expect(structuredClone(OPTIONS)).toEqual(OPTIONS);
    const cloned = cloneRequest({ kernel: new Uint8Array(1), options: OPTIONS });
    expect(structuredClone(cloned).options).toEqual(OPTIONS);
  });

  it('are read from the command line in one place', () => {
    const given: LoadArguments = {
      ...{ cert: [], keyring: [], dbx: [], checks: false },
      ...{
        panic: true,
        commandLine: 'quiet',
        rules: 'v3',
        cma: false,
        randomize: 7n,
        entry: 4096n,
        memMax: (1n << 40n) - 1n,
        strict: true,
      },
    };
    const {
      kernelType: _,
      fallbackCommandLine: __,
      call: ___,
      efi: ____,
      hotplug: _____,
      ...expected
    } = OPTIONS;
    expect(readLoadOptions(given, () => ({}))).toMatchObject(expected);
  });
});
