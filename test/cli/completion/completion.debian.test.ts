/** The completion scripts in the shells that they are for, in pseudo-terminals. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/base/checks.js';
import { ERRNO } from '../../../src/base/errno.js';
import { formatBashScript } from '../../../src/cli/completion/bash-script.js';
import { describeCompletion } from '../../../src/cli/completion/completion-model.js';
import { formatFishScript } from '../../../src/cli/completion/fish-script.js';
import { formatZshScript } from '../../../src/cli/completion/zsh-script.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { loadCommands } from '../../support/commands.js';
import { COMPLETING_SHELLS, completeLines, nameShell } from '../../support/completing-shells.js';

/** Not those within a command that has operands of its own: there, files are completed. */
const COMMANDS = new Map(
  [...(await loadCommands())].filter(
    ([, { parent }]) => parent === null || !parent.registeredArguments.length,
  ),
);

/** Files of every kind that a command takes, some with names that a shell has to quote. */
const FILES = [
  'vmlinuz-6.12',
  'board.itb',
  'initrd.img',
  'my server.json',
  "it's $HOME.json",
  'cert.pem',
  'db.esl',
  'notes.txt',
  'vmcore.1',
];

/** A folder with {@link FILES} and a folder in it. */
function makeFolder(): string {
  const folder = makeTemporaryFolder();
  for (const name of FILES) writeFileSync(join(folder, name), '');
  mkdirSync(join(folder, 'fleet one'));
  return folder;
}

describe.each(COMPLETING_SHELLS)('%s', (shell) => {
  /** The candidates for each line. */
  async function complete(lines: readonly string[], folder = makeFolder()): Promise<string[][]> {
    return (await completeLines(shell, folder, lines)).map(({ candidates }) => [...candidates]);
  }

  /** Tries lines, whose candidates are given. */
  async function expectCandidates(expected: Readonly<Record<string, readonly string[]>>): Promise<void> {
    const lines = Object.keys(expected);
    const candidates = await complete(lines);
    const found = Object.fromEntries(lines.map((line, index) => [line, candidates[index]]));
    const sorted = Object.entries(expected).map(([line, words]) => [line, [...words].sort()]);
    expect(found).toEqual(Object.fromEntries(sorted));
  }

  it('offers every command, also after help', async () => {
    const groups = [...COMMANDS].filter(
      ([, command]) => command.commands.length > 0 && command.registeredArguments.length === 0,
    );
    const top = [...COMMANDS.keys()]
      .map((path) => path.split(' ').slice(1))
      .filter(({ length }) => length === 1);
    const nested = groups.map(
      ([path, { commands }]) => [`${path} `, commands.map((each) => each.name())] as const,
    );
    await expectCandidates({
      'kexec-file ': top.flat(),
      'kexec-file help ': top.flat(),
      ...Object.fromEntries(nested.map(([line, names]) => [line, [...names, 'help']])),
      ...Object.fromEntries(
        nested.map(([line, names]) => [line.replace('kexec-file', 'kexec-file help'), names]),
      ),
      'kexec-file pl': ['plan'],
      'kexec-file vmcore help dm': ['dmesg'],
      'kexec-file help plan ': [],
    });
  });

  it('offers every option of every command', async () => {
    const paths = [...COMMANDS];
    const candidates = await complete([...paths.map(([path]) => `${path} -`), 'kexec-file -']);
    for (const [index, [path, { options }]] of paths.entries()) {
      const names = options.flatMap(({ short, long }) => [short, long]);
      const wanted = new Set([...names.filter((name) => name != null), '-h', '--help']);
      expect([path, candidates[index]?.map((name) => name.replace(/=$/, ''))]).toEqual([
        path,
        [...wanted].sort(),
      ]);
    }
    expect(candidates.at(-1)?.map((name) => name.replace(/=$/, ''))).toEqual(
      ['--color', '--debug', '--help', '--version', '-V', '-h', '-v'].sort(),
    );
  });

  it('offers the choices of every option, after a space and after =', async () => {
    const choices = [...COMMANDS].flatMap(([path, { options }]) =>
      options.flatMap(({ long, argChoices }) =>
        argChoices === undefined
          ? []
          : [
              [`${path} ${long} `, argChoices] as const,
              [
                `${path} ${long}=${argChoices[0]?.slice(0, 2)}`,
                argChoices.filter((each) => each.startsWith(argChoices[0]?.slice(0, 2) ?? '')),
              ] as const,
            ],
      ),
    );
    expect(choices.length).toBeGreaterThan(60);
    await expectCandidates({
      ...Object.fromEntries(choices),
      'kexec-file --color ': ['auto', 'always', 'never'],
      'kexec-file completion ': ['bash', 'zsh', 'fish'],
    });
  });

  it('offers files of the kind that a command takes, and any file if none is of that kind', async () => {
    const folder = 'fleet one';
    const machines = ['my server.json', "it's $HOME.json", 'qemu-virt', 'qemu-q35', folder];
    await expectCandidates({
      'kexec-file plan ': ['vmlinuz-6.12', 'board.itb', folder],
      'kexec-file plan n': ['notes.txt'],
      'kexec-file plan vmlinuz-6.12 --initrd ': ['initrd.img', folder],
      'kexec-file plan --machine ': machines,
      'kexec-file plan --machine=m': ['my server.json'],
      'kexec-file machine show ': machines,
      'kexec-file preflight vmlinuz-6.12 qemu-virt ': machines,
      'kexec-file verify vmlinuz-6.12 b': ['board.itb'],
      'kexec-file verify --cert ': ['cert.pem', folder],
      'kexec-file sign board.itb --key c': ['cert.pem'],
      'kexec-file vmcore info ': ['vmcore.1', folder],
      'kexec-file plan --command-line ': [],
    });
  });

  it('completes paths in the line, with the quotes that they need', async () => {
    if (shell === 'fish') return expectFishPaths(await complete(PATH_LINES));
    const results = await completeLines(shell, makeFolder(), PATH_LINES);
    expect(results.map(({ line }) => line.trimEnd())).toEqual([
      'kexec-file plan --machine my\\ server.json',
      'kexec-file plan --machine=my\\ server.json',
      'kexec-file plan --machine "my server.json"',
      "kexec-file plan --machine 'my server.json'",
      'kexec-file plan --machine my\\ server.json',
      "kexec-file plan --machine it\\'s\\ \\$HOME.json",
      'kexec-file plan --keyring platform:db.esl',
      'kexec-file plan --keyring db.esl',
      'kexec-file machine record -o notes.txt',
      'kexec-file crash initrd --modules fleet\\ one/',
      'kexec-file plan board.itb#conf-2',
    ]);
  });

  it('offers an option once, unless it is repeatable, and none after --', async () => {
    await expectCandidates({
      'kexec-file plan --js': ['--json'],
      'kexec-file plan --json --js': [],
      'kexec-file sign --outp': ['--output'],
      'kexec-file sign -o image --outp': [],
      'kexec-file plan --cert cert.pem --cer': ['--cert'],
      'kexec-file plan --cert cert.pem --cert c': ['cert.pem'],
      'kexec-file plan -- --js': [],
      'kexec-file plan -- v': ['vmlinuz-6.12'],
      'kexec-file plan --randomize --js': ['--json'],
      'kexec-file --color always pl': ['plan'],
      'kexec-file plan vmlinuz-6.12 v': [],
    });
  });

  it('offers checks and errnos to explain', async () => {
    const names = [...Object.keys(CHECKS), ...Object.keys(ERRNO)];
    await expectCandidates({
      'kexec-file explain ': [...names, 'vmlinuz-6.12', 'board.itb', 'fleet one'],
      'kexec-file explain segment-t': ['segment-total'],
      'kexec-file explain EKEYR': ['EKEYREJECTED'],
      'kexec-file explain --errno ': Object.keys(ERRNO),
    });
  });

  it('runs nothing that is in the line', async () => {
    const folder = makeFolder();
    const lines = [
      '$(touch ran)',
      '`touch ran`',
      '"$(touch ran)',
      "'$(touch ran)",
      '$(touch ran',
      '#$(touch ran)',
    ];
    await complete(
      lines.flatMap((text) => [`kexec-file plan --machine ${text}`, `kexec-file explain ${text}`]),
      folder,
    );
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  it('takes texts of help and names literally', async () => {
    const text = `it's "odd": [a] \\ $(touch ran) \`touch ran\` %s ; | & * ~`;
    const program = new Command('kexec-file');
    program
      .command('odd')
      .description(text)
      .argument('<file>', text)
      .option('--plain', text)
      .addOption(new Option('--choice <word>', text).choices(["it's", 'a:b', '$(touch ran)']));
    program.command('even').alias('pair').description(text);
    const format = { bash: formatBashScript, zsh: formatZshScript, fish: formatFishScript }[nameShell(shell)];
    const script = format(describeCompletion(program, program.commands), '1.0');
    const folder = makeFolder();
    const lines = ['kexec-file ', 'kexec-file odd --pl', 'kexec-file odd --choice ', 'kexec-file odd not'];
    const results = await completeLines(shell, folder, lines, script);
    expect(results.map(({ candidates }) => candidates)).toEqual([
      ['even', 'odd', 'pair'],
      ['--plain'],
      ['$(touch ran)', 'a:b', "it's"],
      shell.startsWith('bash') ? [] : ['notes.txt'],
    ]);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });
});

const PATH_LINES = [
  'kexec-file plan --machine my',
  'kexec-file plan --machine=my',
  'kexec-file plan --machine "my s',
  "kexec-file plan --machine 'my s",
  'kexec-file plan --machine my\\ s',
  'kexec-file plan --machine it',
  'kexec-file plan --keyring platform:d',
  'kexec-file plan --keyring d',
  'kexec-file machine record -o n',
  'kexec-file crash initrd --modules f',
  'kexec-file plan board.itb#conf-2',
];

/** fish prints the names; it quotes them by itself where it puts them into a line. */
function expectFishPaths(candidates: readonly (readonly string[])[]): void {
  expect(candidates).toEqual([
    ...Array.from({ length: 5 }, () => ['my server.json']),
    ["it's $HOME.json"],
    ['platform:db.esl'],
    ['db.esl'],
    ['notes.txt'],
    ['fleet one'],
    [],
  ]);
}
