import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { attempt, attemptAsync, KexecError } from '../../base/error.js';
import { readEntryFiles } from '../../node/boot-entry/read-entry-files.js';
import { preflightKernel } from '../../node/hooks/preflight-kernel.js';
import { signKernel } from '../../node/hooks/sign-kernel.js';
import { isSystemdRunning } from '../../node/live/execute-live.js';
import { readSettings, SETTINGS_PATH } from '../../node/settings/read-settings.js';
import type { Settings } from '../../settings/settings.js';
import { line } from '../../view/text/printable.js';
import { explainUsage } from '../help/explain-usage.js';
import { complain } from '../terminal/complain.js';
import { printText } from '../terminal/output.js';

export function buildHookCommand(): Command {
  return new Command()
    .addCommand(buildInstalledCommand())
    .addCommand(buildChangedCommand())
    .addHelpText(
      'after',
      explainUsage({
        about: `
What the hooks of kernel packages run: /etc/kernel/postinst.d and kernel-install. They follow [hooks] of
/etc/kexec-file.conf. Whatever goes wrong is printed, and the exit code is 0: no hook fails the installation of a kernel.`,
        documents: ['docs/installed.md'],
        examples: `
kexec-file hook installed 6.12.57 /boot/vmlinuz-6.12.57
kexec-file hook changed`,
      }),
    );
}

interface HookOptions {
  readonly config: string;
}

function buildInstalledCommand(): Command {
  return new Command('installed')
    .description(
      'sign a kernel that was just installed, if there is a key, and warn if it would not load here',
    )
    .argument('<release>', "the kernel's release, as uname -r prints it")
    .argument('[image]', 'its file (default: in /boot, or next to its modules)')
    .option('--config <file>', 'the settings', SETTINGS_PATH)
    .addHelpText(
      'after',
      explainUsage({
        documents: ['docs/installed.md'],
        examples: 'kexec-file hook installed 6.12.57 /boot/vmlinuz-6.12.57',
      }),
    )
    .action(runInstalled);
}

function buildChangedCommand(): Command {
  return new Command('changed')
    .description('load the default kernel again, if kexec-file-load.service is active')
    .option('--config <file>', 'the settings', SETTINGS_PATH)
    .addHelpText(
      'after',
      explainUsage({ documents: ['docs/installed.md'], examples: 'kexec-file hook changed' }),
    )
    .action(({ config }: HookOptions) => {
      if (readHookSettings(config)?.hooks.reload === true && isSystemdRunning()) reloadService();
    });
}

async function runInstalled(
  release: string,
  image: string | undefined,
  { config }: HookOptions,
): Promise<void> {
  const settings = readHookSettings(config);
  const path = image ?? findImage(release);
  if (settings === undefined) return;
  if (path === undefined) {
    complain(
      `Linux ${release} was neither signed nor checked: no file in /boot or /usr/lib/modules is its kernel`,
    );
    return;
  }
  const signed = await attemptAsync(() => signKernel(path, settings.hooks));
  if (signed instanceof KexecError) complain(`warning: ${path} was not signed: ${describe(signed)}`);
  else if (signed === 'signed') printText(line`kexec-file: signed ${path}`);
  if (settings.hooks.preflight) await warn(release, path, settings);
}

async function warn(release: string, path: string, { load }: Settings): Promise<void> {
  const refusal = await attemptAsync(() => preflightKernel(release, path, load));
  if (refusal === undefined) return;
  const cannot = ['live-platform', 'machine-live', 'live-permission'].includes(refusal.check);
  if (cannot) complain(`${path} was not checked: ${refusal.seen}`);
  else complain(`warning: ${path} would not load by kexec on this machine: ${describe(refusal)}`);
}

function describe({ errno, check, seen, cure }: KexecError): string {
  return `${errno} (${check}): ${seen}; ${cure}`;
}

/** @returns undefined if the settings are wrong, which is printed */
function readHookSettings(config: string): Settings | undefined {
  const settings = attempt(() => readSettings(config));
  if (!(settings instanceof KexecError)) return settings;
  complain(`the hook did nothing: ${describe(settings)}`);
  return undefined;
}

function findImage(release: string): string | undefined {
  const files = readEntryFiles();
  return [`/boot/vmlinuz-${release}`, `/usr/lib/modules/${release}/vmlinuz`].find((path) =>
    files.isFile(path),
  );
}

/** It does not wait: a package is being installed, and the load takes a while. */
function reloadService(): void {
  const { status, error } = spawnSync(
    'systemctl',
    ['--quiet', '--no-block', 'try-reload-or-restart', 'kexec-file-load.service'],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  if (status === 0) return;
  const why = error?.message ?? 'systemctl reports an error';
  complain(`the default kernel was not loaded again: ${why}; try: systemctl reload kexec-file-load`);
}
