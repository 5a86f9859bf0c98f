import { spawnSync } from 'node:child_process';
import { ROOT } from '../scripts/setup/files.mjs';

/**
 * The date that everything built from this source carries, so that two builds are equal byte for byte:
 * SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/), else the date of the last commit.
 *
 * @returns seconds since 1970
 * @throws Error if the variable is no number, or if there is neither the variable nor a commit
 */
export function readSourceDate(environment = process.env) {
  const { SOURCE_DATE_EPOCH: given = '' } = environment;
  if (given !== '') {
    if (!/^\d{1,10}$/.test(given)) {
      throw new Error(`SOURCE_DATE_EPOCH is "${given}": a number of seconds since 1970 is needed`);
    }
    return Number(given);
  }
  const git = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' });
  if (git.status !== 0) {
    throw new Error('this source has no commit to take the date of the build from: set SOURCE_DATE_EPOCH');
  }
  return Number(git.stdout);
}
