import type { ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startQemu } from '../guest/qemu.js';
import { writeSecureBootDisk } from '../support/secure-boot-disk.js';
import { findSystemImage } from './image.js';
import {
  buildCommandLine,
  buildQemuArguments,
  isSecureBoot,
  type MachineOptions,
  platformOf,
} from './qemu-arguments.js';
import { type CommandOptions, type CommandRun, SshClient } from './ssh.js';

export type SystemOptions = MachineOptions & {
  /** Names the file with its console: `build/system/NAME.log`. */
  readonly name: string;
};

/** The time limit of a boot, in milliseconds. It takes 20 seconds on an idle machine, minutes beside others on a busy one. */
const BOOT_TIMEOUT = 900_000;

/** For tests that boot a system: the system's own time limit comes first, and reports more. */
export const SYSTEM_TEST_TIMEOUT = BOOT_TIMEOUT + 60_000;

/** How much of the console an error contains, in characters. */
const CONSOLE_TAIL = 4000;

const LOG_FOLDER = fileURLToPath(new URL('../../build/system', import.meta.url));

/**
 * Boots the Debian system in QEMU, and waits until systemd has started everything. Several systems can run at once; none
 * sees what another wrote. The caller stops it.
 *
 * @throws Error if it does not come up; it contains the end of the console
 */
export async function runSystem(options: SystemOptions): Promise<DebianSystem> {
  const image = findSystemImage(options.architecture ?? 'arm64');
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-system-'));
  try {
    const port = await findFreePort();
    const ssh = new SshClient(folder, port);
    const bootDisk = join(folder, 'boot');
    if (isSecureBoot(options))
      writeSecureBootDisk(bootDisk, 'aarch64', findSystemImage(), buildCommandLine(image, options));
    const access = { port, publicKey: ssh.publicKey, bootDisk };
    const qemu = startQemu(buildQemuArguments(image, options, access), platformOf(options).qemu);
    const system = new DebianSystem(options.name, folder, qemu, ssh);
    try {
      await system.waitUntilUp();
      return system;
    } catch (error) {
      await system.stop();
      throw error;
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A running Debian system: {@link runSystem} starts one. Commands run as root. */
export class DebianSystem {
  readonly #folder: string;
  readonly #qemu: ChildProcess;
  readonly #ssh: SshClient;
  readonly #ended: Promise<never>;
  readonly #consoleFile: string;
  #console = '';
  #errors = '';

  /** @param folder - of temporary files; removed when the system is stopped */
  constructor(name: string, folder: string, qemu: ReturnType<typeof startQemu>, ssh: SshClient) {
    this.#folder = folder;
    this.#qemu = qemu;
    this.#ssh = ssh;
    mkdirSync(LOG_FOLDER, { recursive: true });
    this.#consoleFile = join(LOG_FOLDER, `${name}.log`);
    const log = createWriteStream(this.#consoleFile);
    qemu.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#console += text;
      log.write(text);
    });
    qemu.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#ended = new Promise((_, reject) => {
      qemu.on('error', (cause) => reject(new Error('setpriv (util-linux) cannot be run', { cause })));
      qemu.on('close', (status, signal) => {
        log.end();
        reject(new Error(`QEMU ended with ${signal ?? status}: ${this.#errors}`));
      });
    });
    // Callers that wait for the system get the error; once it was stopped, none waits.
    this.#ended.catch(() => {});
  }

  /** What all kernels wrote to the console until now. */
  get console(): string {
    return this.#console;
  }

  /** How another program of this machine logs in as root: a port of 127.0.0.1, and the file of a private key. */
  get login(): { readonly port: number; readonly key: string } {
    return { port: this.#ssh.port, key: this.#ssh.key };
  }

  /** The file with the console of all kernels. */
  get consoleFile(): string {
    return this.#consoleFile;
  }

  /** Runs a command in root's shell. */
  run(command: string, options?: CommandOptions): Promise<CommandRun> {
    return this.#guard(this.#ssh.run(command, options));
  }

  /**
   * Runs a command that has to succeed.
   *
   * @returns its standard output
   * @throws Error if its status is not 0, with everything that it printed
   */
  async succeed(command: string, options?: CommandOptions): Promise<string> {
    const { status, stdout, stderr } = await this.run(command, options);
    if (status !== 0) throw new Error(`${command}: exit status ${status}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Copies files or folders of the host into a folder of the system. */
  copyIn(paths: readonly string[], folder: string): Promise<void> {
    return this.#guard(this.#ssh.copyIn(paths, folder));
  }

  /** Copies a file or folder of the system to the host. */
  copyOut(path: string, hostPath: string): Promise<void> {
    return this.#guard(this.#ssh.copyOut(path, hostPath));
  }

  /** Writes a text file. */
  async writeFile(path: string, text: string): Promise<void> {
    await this.succeed(`cat > '${path}'`, { input: text });
  }

  /** The number that each boot has for itself (random(4)). */
  async bootId(): Promise<string> {
    return (await this.succeed('cat /proc/sys/kernel/random/boot_id')).trim();
  }

  /**
   * Runs a command that ends this boot, and waits until the system is up again.
   *
   * @returns the new boot's number
   * @throws Error if the system does not come up, or comes up in the same boot
   */
  async reboot(command: string, timeout = BOOT_TIMEOUT): Promise<string> {
    const before = await this.bootId();
    // Such a command seldom lives to report its status. If it fails, the boot remains the same.
    const ending = this.#ssh.run(command).then(
      ({ status, stderr }) => `exit status ${status} ${stderr}`,
      (error: Error) => error.message,
    );
    try {
      return await this.#waitForBoot((bootId) => bootId !== before, timeout);
    } catch (error) {
      const end = await Promise.race([ending, sleep(1000, 'it still runs')]);
      throw new Error(`no other boot after ${command} (${end})`, { cause: error });
    }
  }

  /** Waits until systemd has started everything. @returns the boot's number */
  waitUntilUp(timeout = BOOT_TIMEOUT): Promise<string> {
    return this.#waitForBoot(() => true, timeout);
  }

  /** Switches it off at once, and removes everything that it wrote. */
  async stop(): Promise<void> {
    this.#ssh.disconnect();
    this.#qemu.kill('SIGKILL');
    await this.#ended.catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #waitForBoot(isWanted: (bootId: string) => boolean, timeout: number): Promise<string> {
    const signal = AbortSignal.timeout(timeout);
    try {
      return await this.#guard(this.#findBoot(isWanted, signal));
    } catch (error) {
      const reason = signal.aborted
        ? `the system was not up after ${timeout} ms`
        : 'the system did not come up';
      throw new Error(`${reason}\n${this.#console.slice(-CONSOLE_TAIL)}`, { cause: error });
    }
  }

  async #findBoot(isWanted: (bootId: string) => boolean, signal: AbortSignal): Promise<string> {
    for (;;) {
      try {
        await this.#ssh.connect(signal);
        const bootId = await this.bootId();
        if (isWanted(bootId)) {
          // Its status only repeats the state: "degraded" is for the test to judge.
          await this.#ssh.run('systemctl is-system-running --wait');
          return bootId;
        }
      } catch (error) {
        // The old boot may break the connection.
        if (signal.aborted) throw error;
      }
      await sleep(1000, undefined, { signal });
    }
  }

  /** Waits for a promise, or for the end of QEMU. */
  #guard<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#ended]);
  }
}

/** A port that nobody uses at the moment. */
function findFreePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('no port is free'));
      });
    });
  });
}
