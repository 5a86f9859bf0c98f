/** What is done before this process ends, whatever ends it; and which signal asked it to. */

/** Signals that end a process, and that it can act upon before. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly NodeJS.Signals[];

/** A signal that asks a process to end: Ctrl-C, kill(1), a terminal that is closed. */
export type EndingSignal = (typeof ENDING)[number];

/** Ends an action's registration. */
type Forget = () => void;

const lastActions = new Set<(signal: EndingSignal | undefined) => void>();
const stops = new Set<(signal: EndingSignal) => void>();

let received: EndingSignal | undefined;

/**
 * Registers what must be done before the process ends, such as removing a temporary file. The last that was registered
 * comes first.
 *
 * @param action - is called with the signal that ends the process; undefined if it ends by itself. Nothing that it
 *   leaves for later is done.
 */
export function beforeEnd(action: (signal: EndingSignal | undefined) => void): Forget {
  return register(lastActions, action);
}

/**
 * Registers how work is stopped that takes a while to end in order, such as a guest. A first signal then stops the work
 * and does not end the process: the command ends it, by {@link endBySignal}, when the work has ended. A second signal
 * ends it at once.
 */
export function onSignal(stop: (signal: EndingSignal) => void): Forget {
  return register(stops, stop);
}

/** The signal that stopped work of this process; undefined if there was none. */
export function receivedSignal(): EndingSignal | undefined {
  return received;
}

/** Does what is left to do, and lets the signal end the process, so that its parent sees which one it was. */
export function endBySignal(signal: EndingSignal): void {
  runLastActions(signal);
  unlisten();
  process.kill(process.pid, signal);
}

function register<Action>(actions: Set<Action>, action: Action): Forget {
  if (lastActions.size + stops.size === 0) listen();
  actions.add(action);
  return () => {
    if (actions.delete(action) && lastActions.size + stops.size === 0) unlisten();
  };
}

function listen(): void {
  for (const signal of ENDING) process.on(signal, handle);
  process.on('exit', runAtExit);
}

function unlisten(): void {
  for (const signal of ENDING) process.off(signal, handle);
  process.off('exit', runAtExit);
}

function handle(signal: EndingSignal): void {
  const isFirst = received === undefined;
  // A program that uses this library and listens, too, decides by itself whether the signal ends it.
  const isOurs = process.listenerCount(signal) === 1;
  if (isOurs) received ??= signal;
  for (const stop of stops) stop(signal);
  if (isOurs && !(isFirst && stops.size > 0)) endBySignal(signal);
}

function runAtExit(): void {
  runLastActions(undefined);
}

function runLastActions(signal: EndingSignal | undefined): void {
  const actions = [...lastActions].reverse();
  lastActions.clear();
  for (const action of actions) action(signal);
}
