import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../support/programs.js';
import type { DebianSystem } from '../system/run-system.js';

/** The checkout, and the collection in it. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const COLLECTION = join(ROOT, 'fleet/ansible');

const LOG_FOLDER = join(ROOT, 'build/fleet');

/** What a playbook printed, and how it ended. */
export interface PlaybookRun {
  readonly status: number;
  readonly output: string;
}

/** A playbook of some hosts takes minutes, with emulated CPUs, and more on a busy machine. */
const PLAYBOOK_TIMEOUT = 3_600_000;

/** A controller of Ansible: a folder with the built collection, the inventory, and what the roles keep. */
export class Controller {
  readonly folder = mkdtempSync(join(tmpdir(), 'kexec-file-fleet-'));
  readonly #name: string;
  readonly #inventory = join(this.folder, 'hosts.json');

  /** @param name - of the file that keeps what playbooks print */
  constructor(name: string) {
    this.#name = name;
    rmSync(join(LOG_FOLDER, `${name}.log`), { force: true });
    installCollection(this.folder);
    writeFileSync(
      join(this.folder, 'ansible.cfg'),
      `[defaults]
collections_path = ${this.folder}/collections
inventory = ${this.#inventory}
interpreter_python = /usr/bin/python3
local_tmp = ${this.folder}/tmp
nocows = true
nocolor = true
retry_files_enabled = false
timeout = 300
[ssh_connection]
pipelining = true
ssh_args = -F none -o ControlMaster=auto -o ControlPersist=60s -o BatchMode=yes -o IdentitiesOnly=yes -o UserKnownHostsFile=${this.folder}/known-hosts -o StrictHostKeyChecking=accept-new -o ServerAliveInterval=10 -o ServerAliveCountMax=30
control_path_dir = ${this.folder}/ssh
`,
    );
  }

  /** The folder of the roles: machine files, identities, reports. */
  get fleet(): string {
    return join(this.folder, 'fleet');
  }

  /** Sets the hosts of group kexec, with variables for all and for each. */
  setHosts(
    hosts: Readonly<Record<string, { readonly system: DebianSystem; readonly variables?: object }>>,
    variables: object,
  ): void {
    const entries = Object.entries(hosts).map(([name, { system, variables: own }]) => [
      name,
      {
        ansible_host: '127.0.0.1',
        ansible_port: system.login.port,
        ansible_user: 'root',
        ansible_ssh_private_key_file: system.login.key,
        kexec_file_console: system.consoleFile,
        ...own,
      },
    ]);
    const all = {
      kexec_file_folder: this.fleet,
      kexec_file_controller_command: [process.execPath, join(ROOT, 'bin/kexec-file.js')],
      ...variables,
    };
    const group = { hosts: Object.fromEntries(entries), vars: all };
    writeFileSync(this.#inventory, JSON.stringify({ all: { children: { kexec: group } } }));
  }

  /** Runs a playbook of the collection, or a file. Its output is kept in `build/fleet/NAME.log`, too. */
  async run(playbook: string, ...options: readonly string[]): Promise<PlaybookRun> {
    mkdirSync(LOG_FOLDER, { recursive: true });
    const log = join(LOG_FOLDER, `${this.#name}.log`);
    appendFileSync(log, `$ ${['ansible-playbook', playbook, ...options].join(' ')}\n`);
    const begin = performance.now();
    const run = await this.#spawn('ansible-playbook', [playbook, ...options], (text) =>
      appendFileSync(log, text),
    );
    appendFileSync(log, `(${Math.round((performance.now() - begin) / 1000)} s)\n\n`);
    return run;
  }

  /** Runs a play of its own: the roles, in order, on all hosts. */
  runRoles(roles: readonly string[], ...options: readonly string[]): Promise<PlaybookRun> {
    const play = {
      hosts: 'kexec',
      gather_facts: false,
      roles: roles.map((role) => ({ role: `kexec_file.fleet.${role}` })),
    };
    const path = join(this.folder, 'play.json');
    writeFileSync(path, JSON.stringify([play]));
    return this.run(path, ...options);
  }

  /** What the role reboot wrote of a host; undefined if nothing. */
  report(host: string): Record<string, unknown> | undefined {
    const path = join(this.fleet, `reports/${host}.json`);
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(program: string, args: readonly string[], onOutput: (text: string) => void): Promise<PlaybookRun> {
    const child = spawn(program, args, {
      cwd: this.folder,
      env: { ...process.env, ANSIBLE_CONFIG: join(this.folder, 'ansible.cfg'), LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PLAYBOOK_TIMEOUT,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        onOutput(text);
      });
    }
    return new Promise((resolve, reject) => {
      child.on('error', (cause) => reject(new Error(`${program} cannot be run`, { cause })));
      child.on('close', (status, signal) => {
        if (status === null) reject(new Error(`${program} ended with ${signal}:\n${output}`));
        else resolve({ status, output });
      });
    });
  }
}

/** Builds the collection, and installs it as a user does. @returns the archive */
export function installCollection(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  mkdirSync(folder, { recursive: true });
  runProgram('ansible-galaxy', ['collection', 'build', COLLECTION, '--output-path', folder]);
  const archive = join(folder, `kexec_file-fleet-${version}.tar.gz`);
  runProgram('ansible-galaxy', ['collection', 'install', archive, '-p', join(folder, 'collections')]);
  return archive;
}
