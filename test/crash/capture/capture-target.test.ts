import { describe, expect, it } from 'vitest';
import { parseCaptureTarget } from '../../../src/crash/capture/capture-target.js';
import { catchRefusal } from '../../support/hostile.js';

describe('parseCaptureTarget', () => {
  it.each([
    ['label=crash', { kind: 'label', value: 'crash', path: '' }],
    ['label=My dumps:/var/crash/', { kind: 'label', value: 'My dumps', path: '/var/crash' }],
    ['dev=/dev/nvme0n1p2:/crash', { kind: 'dev', value: '/dev/nvme0n1p2', path: '/crash' }],
    ['dev=/dev/vda:/', { kind: 'dev', value: '/dev/vda', path: '' }],
    ['9p=dumps', { kind: '9p', value: 'dumps', path: '' }],
    ['raw=/dev/sda3', { kind: 'raw', value: '/dev/sda3', path: '' }],
  ])('parses %s', (text, target) => {
    expect(parseCaptureTarget(text)).toEqual(target);
  });

  it.each([
    ...['', 'crash', 'label=', 'label=a:b', 'nfs=server:/x', 'dev=sda1', 'raw=sda'],
    ...['raw=/dev/sda:/x', 'label=a\tb', 'label=a\nb', 'label=a:/b\u0000'],
  ])('refuses %j', (text) => {
    expect(catchRefusal(() => parseCaptureTarget(text))).toMatchObject({
      errno: 'EINVAL',
      check: 'capture-target',
    });
  });
});
