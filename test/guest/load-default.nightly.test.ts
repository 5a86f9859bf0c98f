/** Entries of extlinux.conf: test/system/install.test.ts loads the default entry as a unit, and keeps it after a refusal. */
import { describe, expect, it } from 'vitest';
import { joinLines } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { buildSecondInitrd } from './second-kernel.js';

/** A label as u-boot-menu writes it. */
const EXTLINUX = `default l0
label l0
	linux /boot/vmlinuz
	initrd /boot/initrd
	append console=ttyAMA0 chosen=by-entry
`;

describe('load --default', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('loads the default entry, leaves what somebody else loaded, and keeps it after a refusal', async () => {
    const { output } = await runGuest({
      files: {
        '/boot/vmlinuz': corpus.cloudKernel(),
        '/boot/initrd': buildSecondInitrd(Buffer.from('payload')),
        '/boot/shim': corpus.shim(),
        '/boot/extlinux/extlinux.conf': new TextEncoder().encode(EXTLINUX),
        '/etc/kexec-file.conf': new TextEncoder().encode(
          '[load]\nkeyrings = ["/boot/shim"]\nappend = "added=1"\n',
        ),
        '/etc/empty.conf': new TextEncoder().encode(''),
        '/etc/wrong.conf': new TextEncoder().encode('[load]\npolcy = "enforce"\n'),
      },
      script: `
        step() { echo "== $1"; shift; "$@" 2>&1; echo "ended with $?, loaded $(cat /sys/kernel/kexec_loaded)"; }
        step dry-run kexec-file load --default --dry-run
        step refused kexec-file load --default --dry-run --config /etc/empty.conf
        step service kexec-file load --default --unless-loaded
        step again kexec-file load --default --unless-loaded
        step wrong kexec-file load --default --unless-loaded --config /etc/wrong.conf
        step by-hand kexec-file load /boot/vmlinuz --initrd /boot/initrd --policy permissive --command-line x
        step kept kexec-file load --default --unless-loaded
        step unload kexec-file unload
        step json kexec-file load --default --json
      `,
    });
    const steps = new Map(
      output
        .split(/^== /m)
        .slice(1)
        .map((part) => [part.slice(0, part.indexOf('\n')), joinLines(part)]),
    );
    expect([...steps].map(([name, text]) => [name, /ended with .*/.exec(text)?.[0].trim()])).toEqual([
      ['dry-run', 'ended with 0, loaded 0'],
      ['refused', 'ended with 1, loaded 0'],
      ['service', 'ended with 0, loaded 1'],
      ['again', 'ended with 0, loaded 1'],
      ['wrong', 'ended with 1, loaded 1'],
      ['by-hand', 'ended with 0, loaded 1'],
      ['kept', 'ended with 0, loaded 1'],
      ['unload', 'ended with 0, loaded 0'],
      ['json', 'ended with 0, loaded 1'],
    ]);
    expect(steps.get('dry-run')).toMatch(
      /entry l0 of .* vmlinuz \(Linux 6\.12\S+, signed by Debian .*\) loads on this machine by kexec_load: /,
    );
    expect(steps.get('refused')).toMatch(/^refused refused: ENOKEY \(trust\) seen no trusted certificate/);
    expect(steps.get('service')).toContain(
      'entry l0 of /boot/extlinux/extlinux.conf, default in /boot/extlinux/extlinux.conf',
    );
    expect(steps.get('again')).toContain('entry l0');
    expect(steps.get('wrong')).toContain('did you mean policy?');
    expect(steps.get('kept')).toContain('A kernel is loaded already, by another command. It stays loaded.');
    expect(steps.get('json')).toContain('"commandLine": "console=ttyAMA0 chosen=by-entry added=1"');
  });
});
