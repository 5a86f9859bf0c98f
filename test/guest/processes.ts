import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  /** As it was called: `argv[0]`. */
  readonly program: string;
}

/** The processes of this machine that a process has started and that have not ended (proc(5)). */
export function childrenOf(parent: number): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map((name) => ({ pid: Number(name), program: programOf(name) }))
    .filter(({ program }) => program !== '');
}

/** Whether a process is there, and is more than an entry in a table that its parent has not looked at. */
export function isRunning(pid: number): boolean {
  return programOf(String(pid)) !== '';
}

/** Behind the name, which is in parentheses and may have any character: state, then the parent. */
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
