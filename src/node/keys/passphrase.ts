import { KexecError, refuse } from '../../base/error.js';
import { escapeField } from '../../base/escape-field.js';

const ENTER = ['\r', '\n', '\u0004'];
const CANCEL = '\u0003';
const ERASE = ['\u007f', '\b'];

/** What opens a key. */
export type Secret = 'passphrase' | 'PIN';

/** Asks for a passphrase on the terminal, without echo. @param question - the name of what it opens */
export function askPassphrase(question: string, secret: Secret = 'passphrase'): Promise<string> {
  const { stdin, stderr } = process;
  if (stdin.isTTY !== true) {
    refuse('sign-key', 'EACCES', `${question}: its ${secret} is needed, and there is no terminal to ask on`);
  }
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const end = (): void => {
      stdin.off('data', read);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
    };
    const read = (text: string): void => {
      for (const character of text) {
        if (character === CANCEL) {
          end();
          // What Ctrl-C does where the terminal is not read character by character.
          process.kill(process.pid, 'SIGINT');
          reject(new KexecError('sign-key', 'EACCES', `${question}: no ${secret} was given`));
          return;
        }
        if (ENTER.includes(character)) {
          end();
          resolve(typed.join(''));
          return;
        }
        if (ERASE.includes(character)) typed = typed.slice(0, -1);
        else typed.push(character);
      }
    };
    // Before the question, so that no typed character is ever shown.
    stdin.setRawMode(true);
    stderr.write(`${escapeField(question)}: ${secret}: `);
    stdin.setEncoding('utf8');
    stdin.on('data', read);
    stdin.resume();
  });
}
