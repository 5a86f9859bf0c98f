import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readCaptureFileFacts } from '../../../src/node/live/capture-file-facts.js';
import { makeTemporaryFolder } from '../../support/cli.js';

describe('the files of a capture kernel', () => {
  it('have a release and a compression, by links as kdump-tools makes them', () => {
    const folder = makeTemporaryFolder();
    const path = (name: string): string => join(folder, name);
    writeFileSync(path('vmlinuz-6.12.118+deb13-arm64'), 'MZ');
    writeFileSync(path('initrd.img-6.12.118+deb13-arm64'), gzipSync('070701'));
    symlinkSync('vmlinuz-6.12.118+deb13-arm64', path('vmlinuz'));
    symlinkSync('initrd.img-6.12.118+deb13-arm64', path('initrd.img'));
    expect(readCaptureFileFacts({ kernel: path('vmlinuz'), initrd: path('initrd.img') })).toEqual({
      missing: [],
      release: '6.12.118+deb13-arm64',
      compression: 'gzip',
    });
  });

  it('are missing, or not named', () => {
    const gone = join(makeTemporaryFolder(), 'vmlinuz');
    expect(readCaptureFileFacts({ kernel: gone, initrd: undefined })).toEqual({ missing: [gone] });
    expect(readCaptureFileFacts({})).toEqual({ missing: [] });
  });
});
