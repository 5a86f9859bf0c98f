import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installCollection } from './controller.js';

/** Tasks of a role, for this machine. */
export interface LocalTasks {
  /** A temporary folder; the caller removes it. */
  readonly folder: string;
  readonly role: string;
  /** The names of the files with tasks, in order. */
  readonly files: readonly string[];
  readonly variables: object;
  /** Scripts for sh that stand for programs, by name. */
  readonly programs: Readonly<Record<string, string>>;
  /** Options of ansible-playbook. */
  readonly options?: readonly string[];
}

/** Runs tasks of a role on this machine, with scripts in place of programs. @returns how it ended, and what it printed */
export function runTasksHere({ folder, role, files, variables, programs, options = [] }: LocalTasks): {
  status: number | null;
  output: string;
} {
  installCollection(folder);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const play = {
    hosts: 'localhost',
    connection: 'local',
    gather_facts: false,
    vars: variables,
    tasks: files.map((file) => ({
      name: `Run ${file}`,
      'ansible.builtin.include_role': { name: `kexec_file.fleet.${role}`, tasks_from: file },
    })),
  };
  writeFileSync(join(folder, 'play.json'), JSON.stringify([play]));
  const { status, stdout, stderr } = spawnSync(
    'ansible-playbook',
    ['-i', 'localhost,', 'play.json', ...options],
    {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${bin}:${process.env.PATH}`,
        ANSIBLE_COLLECTIONS_PATH: join(folder, 'collections'),
        ANSIBLE_NOCOLOR: '1',
        LC_ALL: 'C.UTF-8',
      },
    },
  );
  return { status, output: stdout + stderr };
}
