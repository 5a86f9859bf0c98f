import type { Command, Option } from 'commander';
import { DEFAULT_COLUMNS } from '../../view/text/layout.js';
import { line } from '../../view/text/printable.js';
import { formatCommandHelp, isGroup } from '../help/command-help.js';
import { isHelpShort } from '../help/explain-usage.js';
import { COLOR, DEBUG, HELP, VERSION, VERSION_FLAGS } from '../help/global-options.js';
import { requireOneStandardInput } from '../options/standard-input-usage.js';
import { printText } from '../terminal/output.js';
import { COLOR_CHOICES, type ColorChoice, chooseColor } from '../terminal/screen.js';
import { USAGE_OUTPUT } from '../terminal/usage-output.js';
import { formatVersion } from '../terminal/version.js';
import { COMMANDS } from './commands.js';
import { formatTopHelp } from './top-help.js';

/**
 * Builds the program for commander.
 *
 * @param called - the command that is called; only its file is loaded
 */
export async function buildProgram(called: string | undefined): Promise<Command> {
  const { Command, CommanderError } = await import('commander');
  const program: Command = new Command('kexec-file')
    // Else the program would take options of its commands that it has, too.
    .enablePositionalOptions()
    .helpCommand(false)
    .helpOption(HELP.flags, HELP.text)
    .showSuggestionAfterError(false)
    .configureHelp({
      formatHelp: (command, helper): string =>
        command === program
          ? `${formatTopHelp(helper.helpWidth ?? DEFAULT_COLUMNS, isHelpShort())}\n`
          : formatCommandHelp(command, helper),
    })
    .configureOutput(USAGE_OUTPUT)
    .hook('preAction', async (_, action) => {
      requireOneStandardInput(action);
      if (action.opts().json === true) (await import('../terminal/reports.js')).expectReport(action);
    })
    .exitOverride()
    .option(DEBUG.flags, DEBUG.text);
  for (const flag of VERSION_FLAGS) {
    program.option(flag, VERSION.text).on(`option:${flag.replace(/^-+/, '')}`, () => {
      printText(line`${formatVersion()}`);
      throw new CommanderError(0, 'commander.version', '');
    });
  }
  acceptColorOption(program);
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command: Command = name === called ? (await load(buildProgram)).name(name) : new Command(name);
    program.addCommand(command.description(summary).copyInheritedSettings(program));
    if (isGroup(command)) command.helpCommand('help [command]', COMMANDS.help?.summary);
    for (const nested of command.commands) nested.copyInheritedSettings(program);
    for (const each of [command, ...command.commands]) {
      acceptDebugOption(each);
      acceptColorOption(each).hideHelp();
    }
  }
  return program;
}

/** Lets a command accept {@link DEBUG}, unless the option has a further meaning there, as in load. */
function acceptDebugOption(command: Command): void {
  if (command.options.some(({ long }) => long === DEBUG.flags)) return;
  command.addOption(command.createOption(DEBUG.flags, DEBUG.text).hideHelp());
}

/** Lets a command accept `--color`, which has its effect as it is read: errors of usage have colours, too. */
function acceptColorOption(command: Command): Option {
  const option = command.createOption(COLOR.flags, COLOR.text).choices(COLOR_CHOICES).default('auto');
  command.addOption(option).on('option:color', (when: ColorChoice) => chooseColor(when));
  return option;
}
