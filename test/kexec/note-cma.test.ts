import { describe, expect, it } from 'vitest';
import { listWarnings } from '../../src/base/warnings.js';
import type { LoadOptions } from '../../src/kexec/load-options.js';
import { buildCrashMachine } from '../support/crash.js';
import { buildImage } from '../support/image.js';
import { countingRandom, loadOrFail } from '../support/load.js';
import { MIB, type TestFacts } from '../support/machine.js';

const CMA = { total: 64n * MIB };
const NEW: TestFacts = { cma: CMA, kernel: { release: '7.3.4' } };

function load(facts: TestFacts, options: LoadOptions = {}) {
  return loadOrFail({ kernel: buildImage(), options, random: countingRandom }, buildCrashMachine(facts));
}

function notesOf(facts: TestFacts, options: LoadOptions = {}) {
  return load(facts, options).trail.filter(({ check }) => check === 'segment-cma');
}

describe('the CMA area', () => {
  it('is left alone by default, as KEXEC_FILE_NO_CMA ensures', () => {
    expect(notesOf(NEW)).toEqual([expect.objectContaining({ verdict: 'ok' })]);
    expect(notesOf(NEW, { cma: false })).toEqual(notesOf(NEW));
  });

  it('makes the places unpredictable with --cma: a warning, and the places without it', () => {
    const { kimage, trail } = load(NEW, { cma: true });
    expect(kimage).toEqual(load(NEW).kimage);
    expect(listWarnings(trail)).toEqual([expect.objectContaining({ check: 'segment-cma', verdict: 'note' })]);
  });

  it('is named with its place if that is known', () => {
    const defaultArea = { start: 0x7c00_0000n, end: 0x8000_0000n };
    const [note] = notesOf({ ...NEW, cma: { ...CMA, defaultArea } }, { cma: true });
    expect(note?.detail).toContain('0x7c000000..0x80000000');
  });

  it.each<readonly [string, LoadOptions, TestFacts]>([
    ['a crash kernel', { type: 'crash' }, NEW],
    ['kexec_load', { call: 'segments' }, NEW],
    ['random places', { randomize: 1n }, NEW],
    ['the rules of 6.12', { rules: '6.12' }, NEW],
    ['a kernel before 6.17', {}, { ...NEW, kernel: { release: '6.12.117' } }],
    ['a kernel of an unknown release', {}, { cma: CMA }],
    ['Kexec Handover', {}, { ...NEW, handover: { scratch: [{ start: 0x6000_0000n, end: 0x7000_0000n }] } }],
  ])('does not concern %s, and --cma says that it has no effect', (_, options, facts) => {
    expect(notesOf(facts, options)).toEqual([]);
    const { trail } = load(facts, { ...options, cma: true });
    const note = trail.find(({ check, verdict }) => check === 'placement-rules' && verdict === 'note');
    expect(note?.detail).toContain('--cma has no effect');
  });

  it.each<readonly [string, TestFacts]>([
    ['it has no memory', { cma: { total: 0n } }],
    ['cma=0 was given', { commandLine: 'cma=0' }],
    ['the configuration has no default area', { kernel: { release: '7.3.4', config: {} } }],
    [
      'its default size is 0',
      { kernel: { release: '7.3.4', config: { DMA_CMA: 'y', CMA_SIZE_MBYTES: '0' } } },
    ],
  ])('is not mentioned if %s', (_, facts) => {
    expect(notesOf({ ...NEW, ...facts })).toEqual([]);
  });

  it('is not mentioned if nothing about it was recorded', () => {
    const { cma: __, ...without } = NEW;
    expect(notesOf(without)).toEqual([]);
  });

  it.each<readonly [string, TestFacts]>([
    [
      'cma= gives it a size',
      { commandLine: 'cma=0 cma=64M', kernel: { release: '7.3.4', config: { DMA_CMA: 'y' } } },
    ],
    [
      'the configuration does',
      { kernel: { release: '7.3.4', config: { DMA_CMA: 'y', CMA_SIZE_MBYTES: '64' } } },
    ],
  ])('is used if %s', (_, facts) => {
    expect(notesOf({ ...NEW, ...facts })).toHaveLength(1);
  });

  it('concerns the rules of 7.3 on any machine with such an area', () => {
    expect(notesOf({ cma: CMA, kernel: { release: '6.12.117' } }, { rules: '7.3' })).toHaveLength(1);
  });
});
