import { describe, expect, it } from 'vitest';
import { buildPreflightRowJson } from '../../src/preflight/preflight-json.js';
import { buildRow, HOLE_RULE, LOADS, REFUSED, UNREADABLE } from './samples.js';

const refusal = { errno: 'EADDRNOTAVAIL', check: 'segment-hole', rule: HOLE_RULE };

describe('buildPreflightRowJson', () => {
  it('gives addresses and sizes as "0x…"', () => {
    expect(buildPreflightRowJson(buildRow('a', LOADS, REFUSED))).toEqual({
      file: 'a.json',
      machine: 'a',
      verdict: 'loads',
      entry: '0x40200000',
      segments: [
        { name: 'kernel', mem: '0x40200000', memsz: '0x1b00000', bufsz: '0x1a00000' },
        { name: 'dtb', mem: '0x7fe00000', memsz: '0x4000', bufsz: '0x3f00' },
      ],
      ram: '0x40000000',
      pageSize: 4096,
      crashRegion: { start: '0x40000000', end: '0x50000000' },
      crash: { verdict: 'refused', refusal: expect.objectContaining(refusal) },
    });
  });

  it('says why a crash leaves no dump', () => {
    const lost = { noDump: 'makedumpfile 1.7.6 does not support the running kernel' };
    expect(buildPreflightRowJson({ ...buildRow('a', LOADS), ...lost })).toMatchObject(lost);
  });

  it('gives the refusal of a machine, or of a file that cannot be read', () => {
    expect(buildPreflightRowJson(buildRow('b', REFUSED))).toMatchObject({ verdict: 'refused', refusal });
    expect(buildPreflightRowJson(UNREADABLE)).toMatchObject({
      file: 'x.json',
      verdict: 'unreadable',
      refusal: { errno: 'ENOENT', check: 'file-access' },
    });
  });
});
