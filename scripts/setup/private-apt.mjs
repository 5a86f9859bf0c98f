import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * apt for arm64 packages, with a state of its own: it reads this machine's sources and keys, and leaves its package
 * lists, its dpkg and its architectures alone.
 */
export class PrivateApt {
  #folder;
  #config;

  /** @param folder - where it may write; it is left full of files */
  constructor(folder) {
    this.#folder = folder;
    this.#config = join(folder, 'apt.conf');
    for (const name of ['state/lists/partial', 'cache/archives/partial', 'debs']) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    writeFileSync(this.#config, configuration(folder));
  }

  /**
   * Fetches the package lists. A source without arm64 packages makes apt-get fail; what counts is whether the
   * wanted packages are found then, so this returns what apt-get complained about, for the error if they are not.
   */
  update() {
    return this.#run('apt-get', ['update']).stderr.trim();
  }

  /** Names of the packages in the lists, in no order. */
  names() {
    return this.#run('apt-cache', ['pkgnames']).stdout.split('\n').filter(Boolean);
  }

  /** The fields of a package's newest version: `Version`, `Depends` and so on; undefined if there is no such package. */
  show(name) {
    const { status, stdout } = this.#run('apt-cache', ['show', '--no-all-versions', name]);
    if (status !== 0 || stdout === '') return undefined;
    return Object.fromEntries(
      [...stdout.matchAll(/^([\w-]+): (.*)$/gm)].map(([, field, value]) => [field, value]),
    );
  }

  /** Fetches a package. @returns its file */
  download(name) {
    const debs = join(this.#folder, 'debs');
    const { status, stderr } = this.#run('apt-get', ['download', name], debs);
    const file = readdirSync(debs).find((deb) => deb.startsWith(`${name}_`));
    if (status !== 0 || file === undefined)
      throw new Error(`apt-get download ${name} failed: ${stderr.trim()}`);
    return join(debs, file);
  }

  #run(program, args, cwd = this.#folder) {
    const { status, stdout, stderr, error } = spawnSync(program, ['-q', '-c', this.#config, ...args], {
      cwd,
      encoding: 'utf8',
      maxBuffer: Number.POSITIVE_INFINITY,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (error !== undefined) throw new Error(`${program} cannot be run: ${error.message}`, { cause: error });
    return { status, stdout, stderr };
  }
}

/** Read after this machine's own configuration, so that it wins. */
function configuration(folder) {
  return `
APT::Architecture "arm64";
#clear APT::Architectures;
APT::Architectures { "arm64"; };
Dir::State "${folder}/state";
Dir::State::Lists "${folder}/state/lists";
Dir::State::status "/dev/null";
Dir::Cache "${folder}/cache";
Dir::Cache::pkgcache "pkgcache.bin";
#clear Acquire::Languages;
Acquire::Languages { "none"; };
// What this machine does when its own lists change is no concern of ours.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
${process.getuid() === 0 ? '// As root, apt would drop to a user who cannot write here.\nAPT::Sandbox::User "root";' : ''}
`;
}
