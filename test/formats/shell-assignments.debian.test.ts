import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAssignments } from '../../src/formats/shell-assignments.js';
import { corpus } from '../support/corpus.js';

describe("the configuration of Debian's kdump-tools", () => {
  it('is read as it comes, and with its examples', () => {
    const path = join(corpus.debianPackage('kdump-tools'), 'usr/share/kdump-tools/kdump-tools.conf');
    const text = readFileSync(path, 'utf8');
    expect(Object.fromEntries(parseAssignments(text))).toEqual({
      USE_KDUMP: '1',
      KDUMP_KERNEL: '/var/lib/kdump/vmlinuz',
      KDUMP_INITRD: '/var/lib/kdump/initrd.img',
      KDUMP_COREDIR: '/var/crash',
    });
    const examples = parseAssignments(text.replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
    expect(examples.get('MAKEDUMP_ARGS')).toBe('-c -d 31');
    expect(examples.get('KDUMP_CMDLINE_APPEND')).toBe(
      'reset_devices systemd.unit=kdump-tools-dump.service nr_cpus=1',
    );
    expect(examples.get('FTP_PASSWORD')).toBe('');
  });
});
