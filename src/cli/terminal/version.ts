import { readProgramText } from '../../node/program/read-program-file.js';
import { executable } from '../../node/program/single-executable.js';

/** Facts of this build of the program. */
export interface Build {
  readonly version: string;
  /** What the executable was built for, such as `linux-arm64`; undefined for the npm package. */
  readonly platform?: string;
  /** The commit that the executable was built from; undefined if it was not built in a git repository. */
  readonly commit?: string;
}

/** Reads this package's version. */
export function packageVersion(): string {
  return readBuild().version;
}

/** Reads the facts of this build. The paths are relative to dist/command, the folder of the bundle. */
export function readBuild(): Build {
  const name = executable === undefined ? '../../package.json' : 'build.json';
  return JSON.parse(readProgramText(new URL(name, import.meta.url))) as Build;
}

/** What `--version` prints: the version, and for the executable its build and Node. */
export function formatVersion(): string {
  const { version, platform, commit } = readBuild();
  if (platform === undefined) return version;
  const facts = [
    `executable for ${platform}`,
    ...(commit === undefined ? [] : [`commit ${commit}`]),
    `Node ${process.version}`,
  ];
  return `${version} (${facts.join(', ')})`;
}

/** What `version --build` prints, a fact on each line. */
export function formatBuild(): readonly string[] {
  const { version, platform, commit } = readBuild();
  const { loaded, compiled } = executable?.countModules() ?? { loaded: 0, compiled: 0 };
  return [
    `kexec-file ${version}`,
    ...(commit === undefined ? [] : [`commit ${commit}`]),
    platform === undefined ? 'package of npm' : `executable for ${platform}`,
    `Node ${process.version} for ${process.platform}-${process.arch}: ${process.execPath}`,
    ...(executable === undefined ? [] : [`${compiled} of ${loaded} loaded modules were compiled in advance`]),
  ];
}

/** Reads the licences of this project and of all that the build contains. */
export function readLicences(): string {
  return readProgramText(new URL('licenses.txt', import.meta.url));
}
