import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's keys, of every release. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * apt for packages of one architecture, with its own state. It uses this machine's sources and keys, or one other suite of
 * Debian, and does not change its package lists, its dpkg or its architectures.
 */
export class PrivateApt {
  #folder;
  #config;

  /**
   * @param folder - for apt's files; the caller removes it
   * @param architecture - Debian's name of it
   * @param source - the mirror and the suite that packages come from; this machine's sources if left out
   */
  constructor(folder, architecture, source) {
    this.#folder = folder;
    this.#config = join(folder, 'apt.conf');
    for (const name of ['state/lists/partial', 'cache/archives/partial', 'debs']) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    writeFileSync(this.#config, buildConfiguration(folder, architecture) + buildSource(folder, source));
  }

  /**
   * Fetches the package lists. apt-get fails if a source has none of this architecture, which does not matter as long as the
   * other sources have the wanted packages.
   *
   * @returns the errors of apt-get, for the message if a package is not found
   */
  update() {
    return this.#run('apt-get', ['update']).stderr.trim();
  }

  /** The names of all packages, unsorted. */
  names() {
    return this.#run('apt-cache', ['pkgnames']).stdout.split('\n').filter(Boolean);
  }

  /**
   * The fields of a package's newest version: `Version`, `Depends` and so on; undefined if there is no such package.
   */
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
    if (error !== undefined) throw new Error(`cannot run ${program}: ${error.message}`, { cause: error });
    return { status, stdout, stderr };
  }
}

/** apt reads this after the machine's configuration, so it takes precedence. */
function buildConfiguration(folder, architecture) {
  return `
APT::Architecture "${architecture}";
#clear APT::Architectures;
APT::Architectures { "${architecture}"; };
Dir::State "${folder}/state";
Dir::State::Lists "${folder}/state/lists";
Dir::State::status "/dev/null";
Dir::Cache "${folder}/cache";
Dir::Cache::pkgcache "pkgcache.bin";
#clear Acquire::Languages;
Acquire::Languages { "none"; };
// Hooks of this machine are for its own package lists.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
${process.getuid() === 0 ? '// As root, apt would otherwise run as a user who cannot write here.\nAPT::Sandbox::User "root";' : ''}
`;
}

/** Writes a list of one source, and names it instead of this machine's lists. */
function buildSource(folder, source) {
  if (source === undefined) return '';
  const list = join(folder, 'sources.list');
  writeFileSync(list, `deb [signed-by=${KEYRING}] ${source.mirror} ${source.suite} main\n`);
  return `Dir::Etc::SourceList "${list}";\nDir::Etc::SourceParts "/dev/null";\n`;
}
