import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPublisher } from '../../scripts/publisher.mjs';
import { runProgram } from '../support/programs.js';
import { COLLECTION, installCollection, ROOT } from './controller.js';

/** Tests of ansible-test that need neither a network nor further packages. The collection has no files for shellcheck and pslint. */
const SANITY = [
  ...['action-plugin-docs', 'changelog', 'compile', 'empty-init', 'future-import-boilerplate', 'ignores'],
  ...['line-endings', 'metaclass-boilerplate', 'no-assert', 'no-basestring', 'no-dict-iteritems'],
  ...['no-dict-iterkeys', 'no-dict-itervalues', 'no-get-exception', 'no-illegal-filenames'],
  ...['no-main-display', 'no-smart-quotes', 'no-unicode-literals', 'replace-urlopen', 'shebang'],
  ...['symlinks', 'use-argspec-type-path', 'use-compat-six'],
];

describe('the Ansible collection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-collection-'));
  const collections = join(folder, 'collections');
  let archive: string;

  beforeAll(() => {
    archive = installCollection(folder);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is built with everything, and nothing else', () => {
    const files = runProgram('tar', ['-tzf', archive]).split('\n');
    for (const role of readdirSync(join(COLLECTION, 'roles')))
      expect(files).toContain(`roles/${role}/tasks/main.yml`);
    expect(files).toContain('plugins/modules/boot_state.py');
    expect(files.filter((file) => /\.pyc|node_modules|\.tar/.test(file))).toEqual([]);
    expect(readFileSync(join(COLLECTION, 'LICENSE'))).toEqual(readFileSync(join(ROOT, 'LICENSE')));
  });

  it('has the publisher of package.json', () => {
    const { homepage, repository, bugs } = readPublisher();
    const galaxy = readFileSync(join(COLLECTION, 'galaxy.yml'), 'utf8');
    expect(galaxy).toContain(`\nhomepage: ${homepage}\n`);
    expect(galaxy).toContain(`\nrepository: ${repository}\n`);
    expect(galaxy).toContain(`\nissues: ${bugs}\n`);
  });

  it('documents its module and its roles', () => {
    const listed = run('ansible-doc', ['-t', 'role', '-l', 'kexec_file.fleet', '--json']);
    expect(Object.keys(JSON.parse(listed)).sort()).toEqual(
      readdirSync(join(COLLECTION, 'roles')).map((role) => `kexec_file.fleet.${role}`),
    );
    expect(run('ansible-doc', ['kexec_file.fleet.boot_state'])).toContain('started_by');
  });

  it.each(readdirSync(join(COLLECTION, 'roles')))('documents every default of %s', (role) => {
    const read = (path: string): string => readFileSync(join(COLLECTION, 'roles', role, path), 'utf8');
    const names = [...read('defaults/main.yml').matchAll(/^(\w+):/gm)].map((match) => match[1]);
    const documented = [...read('meta/argument_specs.yml').matchAll(/^ {6}(\w+):$/gm)].map(
      (match) => match[1],
    );
    expect(documented).toEqual(expect.arrayContaining(names));
  });

  it('passes ansible-lint, yamllint and pycodestyle', () => {
    run('ansible-lint', ['--offline', '--nocolor', '-q'], COLLECTION);
    runProgram('yamllint', ['-s', '.'], { cwd: COLLECTION });
    // As the test pep8 of ansible-test calls it.
    runProgram('pycodestyle', ['--max-line-length=160', '--ignore=E402,E741,W503', 'plugins'], {
      cwd: COLLECTION,
    });
  });

  it('passes those tests of ansible-test that run here', () => {
    // ansible-test wants the folders of an installation; git would ignore them in the checkout.
    const copy = join(folder, 'sanity/ansible_collections/kexec_file/fleet');
    cpSync(COLLECTION, copy, { recursive: true });
    const tests = SANITY.flatMap((name) => ['--test', name]);
    const [python] = /\d+\.\d+/.exec(runProgram('/usr/bin/python3', ['--version'])) ?? [];
    runProgram('ansible-test', ['sanity', '--python', String(python), ...tests], { cwd: copy });
  });

  it.each(readdirSync(join(COLLECTION, 'playbooks')))('has a playbook %s that Ansible parses', (file) => {
    const playbook = `kexec_file.fleet.${basename(file, '.yml')}`;
    run('ansible-playbook', ['--syntax-check', '-i', 'localhost,', playbook]);
  });

  function run(program: string, args: readonly string[], cwd = folder): string {
    return runProgram('env', [`ANSIBLE_COLLECTIONS_PATH=${collections}`, program, ...args], { cwd });
  }
});
