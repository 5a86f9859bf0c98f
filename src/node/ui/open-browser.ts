import { spawn } from 'node:child_process';

/** Opens files and addresses with the program that the user prefers, on every desktop of freedesktop.org. */
const OPENER = 'xdg-open';

/** Opens an address in the user's browser. @returns false if there is no program for that */
export async function openBrowser(url: string): Promise<boolean> {
  const opener = spawn(OPENER, [url], { stdio: 'ignore', detached: true });
  return new Promise((resolve) => {
    opener.once('error', () => resolve(false));
    // It ends with an error if no browser is installed; else it may run as long as the browser.
    opener.once('exit', (code) => resolve(code === 0));
    opener.once('spawn', () => setTimeout(() => resolve(true), 1000).unref());
    opener.unref();
  });
}
