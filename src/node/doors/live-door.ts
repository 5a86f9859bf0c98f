/**
 * This machine: load a kernel, execute it, unload it. Linux on arm64, as root.
 *
 * @example
 * ```js
 * import { readState } from 'kexec-file/live';
 *
 * // Files as /sys/kernel has them; without the argument, this machine's.
 * const { loaded, crashLoaded } = readState('sys-kernel');
 * console.log(`kernel: ${loaded ? 'loaded' : 'none'}, crash kernel: ${crashLoaded ? 'loaded' : 'none'}`);
 * // → kernel: none, crash kernel: loaded
 * ```
 *
 * @packageDocumentation
 */

export type { LoadCall } from '../../kexec/load-options.js';
export { type ExecuteOptions, executeLive } from '../live/execute-live.js';
export { loadLive } from '../live/load-live.js';
export { LoadRefusedError } from '../live/load-refused-error.js';
export type { LiveLoad, LiveLoaded } from '../live/load-request.js';
export { type KexecState, readState } from '../live/system-calls/state.js';
export { unloadLive } from '../live/unload-live.js';
