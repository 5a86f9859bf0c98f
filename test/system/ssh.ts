import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram } from '../support/programs.js';

/** What a command in a system printed, and how it ended. */
export interface CommandRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** In milliseconds; 2 minutes if left out. */
  readonly timeout?: number;
  /** Standard input; empty if left out. */
  readonly input?: string | Uint8Array;
}

/** The exit status of ssh(1) if the connection failed. */
const CONNECTION_LOST = 255;

const COMMAND_TIMEOUT = 120_000;

/** The pause between attempts to connect, in milliseconds. */
const PAUSE = 1000;

/** What LocalCommand prints: ssh runs it as soon as it is logged in. */
const CONNECTED = 'connected';

/** ssh(1) as root to one system. All commands share a connection: a new one costs an emulated CPU a second or two. */
export class SshClient {
  readonly #folder: string;
  readonly #port: number;
  #master: ChildProcess | undefined;

  /**
   * Makes a key.
   *
   * @param folder - for the key and the socket of the connection; the caller removes it
   */
  constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', join(folder, 'key')]);
  }

  /** The file of the public key. */
  get publicKey(): string {
    return join(this.#folder, 'key.pub');
  }

  /** The file of the private key. */
  get key(): string {
    return join(this.#folder, 'key');
  }

  get port(): number {
    return this.#port;
  }

  get #socket(): string {
    return join(this.#folder, 'connection');
  }

  /** Tries until it is logged in. @param signal - aborted when to give up */
  async connect(signal: AbortSignal): Promise<void> {
    this.disconnect();
    while (!(await this.#tryToConnect(signal))) await sleep(PAUSE, undefined, { signal });
  }

  /** Ends the shared connection. A reset system leaves one that is no use. */
  disconnect(): void {
    this.#master?.kill('SIGKILL');
    this.#master = undefined;
    // A socket without a process would be in the way of the next connection.
    rmSync(this.#socket, { force: true });
  }

  /**
   * Runs a command in root's shell.
   *
   * @throws Error if the connection is lost, or time is up
   */
  async run(
    command: string,
    { timeout = COMMAND_TIMEOUT, input = '' }: CommandOptions = {},
  ): Promise<CommandRun> {
    const run = await collect(
      'ssh',
      [...this.#options(), '-p', String(this.#port), HOST, command],
      timeout,
      input,
    );
    if (run.status === CONNECTION_LOST) throw new Error(`connection lost during ${command}: ${run.stderr}`);
    return run;
  }

  /** Copies files or folders of the host into a folder of the system. */
  async copyIn(paths: readonly string[], folder: string): Promise<void> {
    await this.#copy([...paths, `${HOST}:${folder}`]);
  }

  /** Copies a file or folder of the system to the host. */
  async copyOut(path: string, hostPath: string): Promise<void> {
    await this.#copy([`${HOST}:${path}`, hostPath]);
  }

  async #copy(paths: readonly string[]): Promise<void> {
    const args = [...this.#options(), '-P', String(this.#port), '-q', '-p', '-r', '--', ...paths];
    const { status, stderr } = await collect('scp', args, COMMAND_TIMEOUT, '');
    if (status !== 0) throw new Error(`scp ${paths.join(' ')}: ${stderr}`);
  }

  async #tryToConnect(signal: AbortSignal): Promise<boolean> {
    const options = ['-M', '-N', '-o', 'PermitLocalCommand=yes', '-o', `LocalCommand=echo ${CONNECTED}`];
    const master = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', '--', 'ssh', ...this.#options(), ...options, '-p', String(this.#port), HOST],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const stop = (): boolean => master.kill('SIGKILL');
    signal.addEventListener('abort', stop);
    const isConnected = await new Promise<boolean>((resolve, reject) => {
      master.stdout.once('data', () => resolve(true));
      master.once('close', () => resolve(false));
      master.once('error', (cause) => reject(new Error('setpriv (util-linux) cannot be run', { cause })));
    }).finally(() => signal.removeEventListener('abort', stop));
    if (isConnected) this.#master = master;
    return isConnected;
  }

  /** No configuration of this user, no other keys. The system's own key is remembered, and must not change. */
  #options(): string[] {
    const settings = {
      IdentityFile: this.key,
      IdentitiesOnly: 'yes',
      UserKnownHostsFile: join(this.#folder, 'known-hosts'),
      StrictHostKeyChecking: 'accept-new',
      BatchMode: 'yes',
      ConnectTimeout: '10',
      ServerAliveInterval: '10',
      LogLevel: 'ERROR',
      ControlPath: this.#socket,
    };
    return ['-F', 'none', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
  }
}

const HOST = 'root@127.0.0.1';

/** Runs a program of this machine to its end. @throws Error if it cannot be run, or time is up */
function collect(
  program: string,
  args: readonly string[],
  timeout: number,
  input: string | Uint8Array,
): Promise<CommandRun> {
  const child = spawn(program, args);
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed.stderr += text;
  });
  // A command may end before it has read everything.
  child.stdin.on('error', () => {}).end(input);
  let timer: NodeJS.Timeout | undefined;
  return new Promise<CommandRun>((resolve, reject) => {
    timer = setTimeout(() => {
      child.kill('SIGKILL');
      // The shared connection may keep the pipes open.
      reject(new Error(`${args.at(-1)} ran for ${timeout} ms:\n${printed.stdout}\n${printed.stderr}`));
    }, timeout);
    child.on('error', (cause) => reject(new Error(`${program} cannot be run`, { cause })));
    child.on('close', (status, signal) => {
      if (status !== null) resolve({ status, ...printed });
      else reject(new Error(`${program} ended with ${signal}: ${printed.stderr}`));
    });
  }).finally(() => clearTimeout(timer));
}
