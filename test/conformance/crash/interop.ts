import { readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FILTER_ALL } from '../../../src/vmcore/save/filter.js';
import { compareDumps } from '../../support/compare-dumps.js';
import { buildPackageCommand, runMakedumpfile } from '../../support/package-program.js';
import { runProgram } from '../../support/programs.js';
import { askGdb, kexecFile } from './checks.js';
import { FILTERS, savedPath } from './saved-dumps.js';

/** Whether makedumpfile knows how the kernel describes folios: none up to 1.7.8 knows `compound_info` of Linux 7. */
export function isReadByMakedumpfile(vmcore: string): boolean {
  const { vmcoreinfo } = JSON.parse(kexecFile('vmcore', 'info', vmcore, '--json'));
  return vmcoreinfo['OFFSET(page.compound_head)'] !== undefined;
}

/**
 * Compares the dumps of `saveDumps()` with those of makedumpfile, and has it read ours. Writes files beside the
 * vmcore.
 *
 * @returns the differences and failures, in words
 */
export function compareWithMakedumpfile(vmcore: string): string[] {
  const folder = join(vmcore, '..');
  const file = (name: string): string => join(folder, name);
  const ours = (filter: number): string => savedPath(vmcore, filter);
  const differences = FILTERS.flatMap((filter) => {
    const theirs = file(`theirs-${filter}`);
    runMakedumpfile('-l', '-d', String(filter), vmcore, theirs);
    return compareDumps(ours(filter), theirs, filter === FILTER_ALL).map(
      (what) => `--filter ${filter}: ${what}`,
    );
  });

  const all = ours(FILTER_ALL);
  runMakedumpfile('-c', '-d', String(FILTER_ALL), all, file('again'));
  kexecFile('vmcore', 'save', ours(16), '-o', file('filtered'), '--filter', 'all');
  const isSameFile = readFileSync(file('filtered')).equals(readFileSync(all));
  const again = compareDumps(all, file('again'), true).map((what) => `saved once more: ${what}`);
  runMakedumpfile('--dump-dmesg', all, file('dmesg'));
  const isSameLog = readFileSync(file('dmesg'), 'latin1') === kexecFile('vmcore', 'dmesg', all);
  return [
    ...differences,
    ...again,
    ...(isSameFile ? [] : ['a compressed dump that is filtered once more is another file']),
    ...(isSameLog ? [] : ['makedumpfile takes another log out of ours']),
  ];
}

/**
 * Runs crash(8) and gdb on dumps that we saved, by the command and called as makedumpfile.
 *
 * @returns what is missing from their output
 */
export function askReaders(vmcore: string, vmlinux: string): string[] {
  const folder = join(vmcore, '..');
  const file = (name: string): string => join(folder, name);
  kexecFile('vmcore', 'save', vmcore, '-o', file('zstd'), '--filter', 'all', '--compress', 'zstd');
  const makedumpfile = file('makedumpfile');
  symlinkSync(resolve('bin/kexec-file.js'), makedumpfile);
  for (const letter of ['c', 'l', 'p']) {
    const pipe = `"$1" -F -${letter} -d 31 "$2" | "$1" -R "$3"`;
    runProgram('sh', ['-c', pipe, 'sh', makedumpfile, vmcore, file(letter)]);
  }
  runProgram(makedumpfile, ['-E', '-d', '31', vmcore, file('elf')]);
  return [
    ...['zstd', 'c', 'l', 'p'].flatMap((name) => askCrash(file(name), vmlinux).map((no) => `${name}: ${no}`)),
    ...askGdb(file('elf'), vmlinux),
  ];
}

function askCrash(dump: string, vmlinux: string): string[] {
  const [program, ...args] = buildPackageCommand('crash', 'usr/bin/crash');
  // Debian's crash is older than the kernel, and does not know its allocator.
  const said = runProgram(program, [...args, '-s', '--no_kmem_cache', vmlinux, dump], {
    input: 'sys\nbt\nquit\n',
  });
  const wanted = [
    /PANIC: "Kernel panic - not syncing: sysrq triggered crash"/,
    /#\d+ \[\w+\] panic at .*\n #\d+ \[\w+\] sysrq_handle_crash at /,
    /el0t_64_sync at /,
  ];
  return wanted.filter((pattern) => !pattern.test(said)).map((pattern) => `no ${pattern} in:\n${said}`);
}
