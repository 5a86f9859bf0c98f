import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatTopHelp } from '../../../src/cli/commands/top-help.js';
import { loadCommands, readHelp } from '../../support/commands.js';

const COMMANDS = await loadCommands();

describe.each([...COMMANDS])('%s --help', (path, command) => {
  const help = readHelp(command);

  it('has examples of itself, and names documents that exist', () => {
    expect(command.description()).not.toBe('');
    if (command.commands.length === 0)
      expect(help).toMatch(new RegExp(`\\nExamples?:\\n(.*\\n)*.*${path}\\b`));
    for (const [document] of help.matchAll(/docs\/[\w./]+\.md/g))
      expect(existsSync(document), document).toBe(true);
  });

  it('explains each argument and option', () => {
    for (const { description } of [...command.registeredArguments, ...command.options]) {
      expect(description).not.toBe('');
    }
    expect(help).not.toMatch(/default: (\[\]|none\b|undefined|"")/);
  });

  it.each([80, 100, 120])('fits %i columns', (columns) => {
    for (const line of readHelp(command, columns).split('\n')) {
      expect(line.length, line).toBeLessThanOrEqual(columns);
      expect(line).toBe(line.trimEnd());
    }
  });

  it('fills its paragraphs to the width', () => {
    const wide = readHelp(command, 120).split('\n');
    for (const [index, line] of wide.entries()) {
      const next = /^[a-z(]\S*/.exec(wide[index + 1] ?? '')?.[0];
      if (/^[A-Z"-]/.test(line) && next !== undefined)
        expect(line.length + 1 + next.length, line).toBeGreaterThan(120);
    }
  });
});

describe('the help of the program', () => {
  it.each([80, 120])('fits %i columns', (columns) => {
    for (const isShort of [false, true]) {
      for (const line of formatTopHelp(columns, isShort).split('\n'))
        expect(line.length, line).toBeLessThanOrEqual(columns);
    }
  });

  it('begins with what to start with, and has every command in a group', () => {
    const help = formatTopHelp(80, false);
    expect(help).toMatch(/^start with: kexec-file doctor\n/);
    for (const [path, command] of COMMANDS) {
      if (path.split(' ').length === 2) expect(help).toMatch(new RegExp(`^ {2}${command.name()} +\\S`, 'm'));
    }
    expect(help.match(/^[A-Z][a-z ]+:$/gm)).toEqual([
      'On this machine:',
      'Decide and explain:',
      'Signatures:',
      'Crashes:',
      'Machines and files:',
      'Help:',
      'Options:',
      'Exit codes:',
      'Examples:',
    ]);
  });
});
