import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  /** `argv[0]`. */
  readonly program: string;
}

/** Lists the running processes that a process has started (proc(5)). */
export function childrenOf(parent: number): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map((name) => ({ pid: Number(name), program: programOf(name) }))
    .filter(({ program }) => program !== '');
}

/** Whether a process runs: it exists and is not a zombie. */
export function isRunning(pid: number): boolean {
  return programOf(String(pid)) !== '';
}

/** State and parent follow the name, which is in parentheses and may contain any character. */
function parentOf(name: string): number {
  const status = read(name, 'stat');
  return Number(status.slice(status.lastIndexOf(')')).split(' ')[2]);
}

function programOf(name: string): string {
  return read(name, 'cmdline').split('\0')[0] ?? '';
}

/** Empty if the process has ended meanwhile. */
function read(name: string, file: string): string {
  try {
    return readFileSync(`/proc/${name}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
