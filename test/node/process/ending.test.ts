import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beforeEnd, onSignal, receivedSignal } from '../../../src/node/process/ending.js';

const own = vi.fn();

beforeEach(() => {
  process.on('SIGHUP', own);
});

afterEach(() => {
  process.off('SIGHUP', own);
});

describe('a program that listens to signals itself', () => {
  it('decides whether one ends it; work that takes a while is stopped', () => {
    const [stop, last] = [vi.fn(), vi.fn()];
    const forget = [onSignal(stop), beforeEnd(last)];
    process.emit('SIGHUP', 'SIGHUP');
    expect(own).toHaveBeenCalledOnce();
    expect(stop).toHaveBeenCalledExactlyOnceWith('SIGHUP');
    expect(last).not.toHaveBeenCalled();
    expect(receivedSignal()).toBeUndefined();
    for (const end of forget) end();
  });

  it('is listened beside only while there is something to do', () => {
    const count = process.listenerCount('SIGHUP');
    const forget = [beforeEnd(() => {}), onSignal(() => {})];
    expect(process.listenerCount('SIGHUP')).toBe(count + 1);
    for (const end of forget) {
      end();
      end();
    }
    expect(process.listenerCount('SIGHUP')).toBe(count);
  });
});
