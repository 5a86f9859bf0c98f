import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/commands/program.js';

/** The options that a command gets. */
async function parse(name: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const program = await buildProgram(name);
  const command = program.commands.find((each) => each.name() === name);
  if (command === undefined) throw new Error(`no command ${name}`);
  command.action(() => {});
  await program.parseAsync([name, ...args], { from: 'user' });
  return command.opts();
}

describe('--debug', () => {
  it('is an option of load, which makes the kernel log', async () => {
    expect(await parse('load', 'Image', '--debug')).toMatchObject({ debug: true });
    expect(await parse('load', '--debug', 'Image')).toMatchObject({ debug: true });
  });

  it.each(['plan', 'inspect', 'verify'])('is accepted by %s, too', async (name) => {
    expect(await parse(name, 'Image', '--debug')).toMatchObject({ debug: true });
  });
});
