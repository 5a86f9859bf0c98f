import { Command } from 'commander';
import { checkOutputs } from '../../node/files/outputs.js';
import { openBrowser } from '../../node/ui/open-browser.js';
import { readInspector } from '../../node/ui/read-inspector.js';
import { serveInspector } from '../../node/ui/serve-inspector.js';
import { line } from '../../view/text/printable.js';
import { explainUsage } from '../help/explain-usage.js';
import { addForceOption, type OutputCliOptions, readOutputOptions } from '../options/output-options.js';
import { complain } from '../terminal/complain.js';
import { printText } from '../terminal/output.js';
import { writeOutput } from '../terminal/write-output.js';

interface UiOptions extends OutputCliOptions {
  readonly open: boolean;
  readonly output?: string;
}

export function buildUiCommand(): Command {
  return addForceOption(new Command().argument('[file...]', 'files that the page shows at once'))
    .option('--no-open', 'print the address of the page, and open no browser')
    .option('-o, --output <file>', 'write the page into a file, and serve nothing')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Opens the inspector: a page that shows what is in files, as "inspect" does. More files can be dropped on it.

The command serves the page until Ctrl-C, on this machine alone (127.0.0.1), below a path that nobody can guess; and the
files that are named, to that page. The page may connect to nothing else. The address is printed, too: with --no-open,
for example on a server, forward its port (ssh -L PORT:127.0.0.1:PORT server) and open it in a browser of your own.

The page of --output needs no server: it opens from the disk, and from any web server, and has no network access.`,
        documents: ['docs/inspector.md'],
        examples: `
kexec-file ui
kexec-file ui vmlinuz initrd.img server.json
kexec-file ui --no-open /var/crash/vmcore
kexec-file ui --output inspector.html`,
      }),
    )
    .action(showInspector);
}

async function showInspector(files: string[], options: UiOptions, command: Command): Promise<void> {
  const page = readInspector(import.meta.url);
  if (options.output !== undefined) {
    if (files.length > 0)
      command.error('error: the page of --output contains no files; give none', { exitCode: 2 });
    return writePage(page, options.output, options);
  }
  const { url, urlForOnce } = await serveInspector(page, files);
  printText(line`${url}`);
  if (options.open && !(await openBrowser(urlForOnce)))
    complain('no browser can be opened here: open the address above in one');
}

async function writePage(page: string, path: string, options: OutputCliOptions): Promise<void> {
  const outputs = readOutputOptions(options);
  checkOutputs({ '--output': path }, outputs);
  await writeOutput(path, [new TextEncoder().encode(page)], outputs, (size) => `the inspector, ${size}`);
}
