import { describe, expect, it } from 'vitest';
import { parsePe } from '../../src/formats/pe/parse.js';
import { isUki, parseUki } from '../../src/formats/uki.js';
import { corpus } from '../support/corpus.js';
import { buildUki } from '../support/kernel-files.js';

const text = (one: Uint8Array | undefined): string => new TextDecoder().decode(one).trim();

describe('parseUki', () => {
  it("reads what binutils added to systemd's stub", () => {
    const pe = parsePe(
      buildUki(corpus.stub(), {
        '.osrel': 'ID=test\n',
        '.uname': '6.12.0',
        '.cmdline': '\tconsole=ttyAMA0  quiet\n\0',
        '.dtb': 'a tree',
        '.initrd': 'an initrd',
        '.linux': 'a kernel',
      }),
    );
    expect(isUki(pe)).toBe(true);
    const uki = parseUki(pe);
    expect(uki).toMatchObject({
      commandLine: 'console=ttyAMA0  quiet',
      osrel: 'ID=test\n',
      uname: '6.12.0',
      otherProfiles: 0,
    });
    expect([uki.linux, uki.initrd, uki.dtb].map(text)).toEqual(['a kernel', 'an initrd', 'a tree']);
  });
});
