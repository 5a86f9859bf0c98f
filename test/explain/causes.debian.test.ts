import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Cause } from '../../src/explain/causes/cause.js';
import { KERNEL_CAUSES } from '../../src/explain/causes/causes.js';
import { KDUMP_CAUSES, KEXEC_TOOLS_CAUSES } from '../../src/explain/causes/tool-causes.js';
import { findCause } from '../../src/explain/find-cause.js';
import { buildBareDump } from '../support/bare-dump.js';
import { makeTemporaryFolder } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { callMakedumpfile } from '../support/package-program.js';

/** Texts that none of the files contains. */
function findMissing(causes: readonly Cause[], paths: readonly string[]): string[] {
  const files = paths.map((path) => readFileSync(path));
  const texts = causes.flatMap(({ lines }) => lines.flat());
  return texts.filter((text) => !files.some((file) => file.includes(text)));
}

/** Causes whose lines Debian's kernels log: they have no kexec_file_load. */
const ofDebian = Object.values(KERNEL_CAUSES).filter(({ onlyIn }) => onlyIn === undefined);

/** Of two kernels, a text may be in one alone: its words change, or the option that it belongs to is off. */
const kernelsOf = (release: string): string[] =>
  corpus.kernels().flatMap(({ path }) => (path.includes(`-${release}.`) ? [path] : []));

describe('the texts of log lines', () => {
  it('of the kernel are in the kernels of Debian', () => {
    const paths = corpus.kernels().map(({ path }) => path);
    expect(findMissing(ofDebian, paths)).toEqual([]);
  });

  it('are the same in Linux 6.1 and 6.12, but for those named here', () => {
    expect(findMissing(ofDebian, kernelsOf('6.1'))).toEqual([
      'vmcoreinfo data exceeds allocated size, truncating',
      'crashkernel reservation failed - memory is in use',
      'crashkernel reservation failed',
      'redistributor is inaccessible',
      'failed to report dead state',
    ]);
    expect(findMissing(ofDebian, kernelsOf('6.12'))).toEqual([
      'No valid device tree found, continuing without',
      "cpu didn't die",
    ]);
  });

  it('of kexec-tools and kdump-tools are in these programs', () => {
    const program = (name: string, path: string): string => join(corpus.debianPackage(name), path);
    expect(findMissing(Object.values(KEXEC_TOOLS_CAUSES), [program('kexec-tools', 'sbin/kexec')])).toEqual(
      [],
    );
    const kdump = [
      program('kdump-tools', 'usr/sbin/kdump-config'),
      program('makedumpfile', 'usr/bin/makedumpfile'),
    ];
    expect(findMissing(Object.values(KDUMP_CAUSES), kdump)).toEqual([]);
  });

  it('of makedumpfile are found in what it says', () => {
    const say = (bits: number, level: string): string[] => {
      const path = join(makeTemporaryFolder(), 'vmcore');
      writeFileSync(path, buildBareDump({ pageSize: 4096, bits }));
      return callMakedumpfile('-c', '-d', level, path, `${path}.out`).split('\n');
    };
    const namesOf = (lines: readonly string[]) => [
      ...new Set(lines.flatMap((line) => findCause(line, true)?.name ?? [])),
    ];
    expect(namesOf(say(52, '31'))).toEqual(['dump-tool-addresses', 'kdump-not-saved']);
    expect(namesOf(say(48, '31'))).toEqual(['dump-tool-symbols', 'kdump-not-saved']);
    expect(namesOf(say(48, '32'))).toEqual(['dump-tool-level', 'kdump-not-saved']);
  });
});
