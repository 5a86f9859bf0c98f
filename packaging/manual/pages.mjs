import { join } from 'node:path';
import { loadCommands } from '../../dist/cli/commands/load-commands.js';
import { buildProgram } from '../../dist/cli/commands/program.js';
import { ROOT, readJson } from '../../scripts/setup/files.mjs';
import { buildCommandPage, buildProgramPage, namePage } from './command-pages.mjs';
import { buildKexecPage, buildMakedumpfilePage } from './drop-in-pages.mjs';
import { buildMachinePage, buildSettingsPage } from './file-pages.mjs';
import { buildOverviewPage } from './overview-page.mjs';
import { buildRebootPage } from './reboot-page.mjs';
import { formatPage } from './roff.mjs';

/**
 * Builds every page.
 *
 * @param date - seconds since 1970
 * @returns the text of each page by its name: `kexec-file-plan.8`
 */
export async function buildPages(date) {
  const { version } = readJson(join(ROOT, 'package.json'));
  const pages = new Map();
  const add = (name, section, parts) =>
    pages.set(`${name}.${section}`, formatPage({ name, section: String(section), date, version }, parts));
  add('kexec-file', 8, buildProgramPage());
  for (const command of await loadCommands(buildProgram)) {
    for (const [words, each] of listWithin(command, ['kexec-file']))
      add(namePage(words), 8, buildCommandPage(each, words));
  }
  add('kexec-file-kexec', 8, buildKexecPage());
  add('kexec-file-makedumpfile', 8, buildMakedumpfilePage());
  add('kexec-file-reboot', 8, buildRebootPage());
  add('kexec-file.conf', 5, buildSettingsPage());
  add('kexec-file-machine', 5, buildMachinePage());
  add('kexec-file', 7, buildOverviewPage());
  return pages;
}

/** A command and those within it, each with the words that call it. */
function listWithin(command, before) {
  const words = [...before, command.name()];
  return [[words, command], ...command.commands.flatMap((each) => listWithin(each, words))];
}
